"""Pictures of screens for the pages: what real commands write on a terminal, drawn as SVG.

PYTHONPATH=tools .venv/bin/python -m pictures [FOLDER]      every picture anew, into docs/pictures unless told otherwise
"""
