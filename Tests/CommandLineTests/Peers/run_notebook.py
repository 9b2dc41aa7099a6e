"""Executes a notebook with nbclient and checks that figures and figures' figures came out.

Usage: python run_notebook.py NOTEBOOK
"""
import pathlib
import sys

import nbformat
from nbclient import NotebookClient


def main():
    path = pathlib.Path(sys.argv[1])
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    text = "".join(output.get("text", "") for output in outputs)
    if pictures < 2 or "reported" not in text:
        sys.exit(f"{pictures} pictures, text: {text}")


main()
