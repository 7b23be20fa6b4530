"""Fine-tunes a causal language model on a text file."""

import sys

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments

name, data = sys.argv[1:3]
tokenizer = AutoTokenizer.from_pretrained(name)
tokenizer.pad_token = tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(name, attn_implementation="flash_attention_2")


def encode(rows):
    tokens = tokenizer(rows["text"], truncation=True, max_length=1024, padding="max_length")
    tokens["labels"] = tokens["input_ids"].copy()
    return tokens


texts = load_dataset("text", data_files=data)["train"].map(encode, batched=True, remove_columns=["text"])
Trainer(model=model, args=TrainingArguments("out", bf16=True), train_dataset=texts).train()
