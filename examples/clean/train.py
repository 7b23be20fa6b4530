"""Fits a line, on the GPU if there is one."""

import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
x = torch.linspace(-1, 1, 1024, device=device).unsqueeze(1)
model = torch.nn.Linear(1, 1, device=device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(200):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), 3 * x + 1).backward()
    optimizer.step()
torch.jit.script(model.cpu()).save("line.pt")
