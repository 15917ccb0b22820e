"""The narrative: lines become sentences, sentences become claims, and claims that must agree are tied together."""
