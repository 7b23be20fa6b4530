"""Scores the rows of a table with an exported model."""

import sys

import pandas as pd
import torch

model = torch.jit.load("/models/current.pt")
table = pd.read_csv(sys.stdin)
table["score"] = model(torch.tensor(table.to_numpy(), dtype=torch.float32)).squeeze(1).tolist()
table.to_csv(sys.stdout, index=False)
