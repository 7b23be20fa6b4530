"""Completes the lines on standard input."""

import sys

from transformers import pipeline

complete = pipeline("text-generation", model="/models/current", device_map="auto")
for line in sys.stdin:
    print(complete(line.rstrip("\n"), max_new_tokens=64)[0]["generated_text"])
