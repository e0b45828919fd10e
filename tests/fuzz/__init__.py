"""Fuzzing of whatever a person can type or upload, guided by which code it reaches (atheris).

python -m tests.fuzz NAME [FOLDER] [libFuzzer's options]      one target until it fails, or until the options say
"""
