"""Names what is in a picture."""

import io

import torch
from fastapi import FastAPI, UploadFile
from PIL import Image
from torchvision.models import ResNet50_Weights, resnet50

app = FastAPI()
weights = ResNet50_Weights.DEFAULT
model = resnet50(weights=weights).eval()
prepare = weights.transforms()


@app.post("/classify")
async def classify(picture: UploadFile) -> dict[str, float]:
    """The three likeliest names, with how likely they are."""
    image = Image.open(io.BytesIO(await picture.read())).convert("RGB")
    with torch.inference_mode():
        scores = model(prepare(image).unsqueeze(0)).softmax(1)[0]
    best = scores.topk(3)
    return {weights.meta["categories"][i]: float(p) for p, i in zip(best.values, best.indices)}
