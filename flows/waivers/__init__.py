"""Waivers (核实说明): what a person has looked into and explains of a finding, until when; the finding itself stays.

`reading` takes them from YAML files, `standing` says which are in force and why the others are not, `kept` is their place in the
warehouse, `writing` changes the files, `ledger` takes the replies of a ledger back.
"""
