"""Scores a model's predictions against the truth."""

import numpy as np
import torch
from sklearn.metrics import classification_report

predictions = torch.load("/data/predictions.pt").argmax(1).numpy()
print(classification_report(np.load("/data/truth.npy"), predictions))
