"""Damaged and hostile files, made by the thousand: whatever comes in, a reader answers with a sound document or one clear line."""
