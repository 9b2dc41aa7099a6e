"""Checks documents against JSON Schemas.

Usage: python check_schema.py SCHEMA DOCUMENT [SCHEMA DOCUMENT ...]
"""
import json
import sys

import jsonschema


def main():
    names = sys.argv[1:]
    for schema_name, name in zip(names[::2], names[1::2]):
        with open(schema_name) as file:
            schema = json.load(file)
        with open(name) as file:
            document = json.load(file)
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        errors = [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(document)]
        if errors:
            sys.exit("\n".join(errors[:20]))


main()
