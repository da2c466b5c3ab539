"""The network, for training and for serving."""

import torch
from picture import SIDE
from torch import nn


class Network(nn.Module):
    """(pictures, 64) pixels from 0 to 1 -> (pictures, classes) scores."""

    def __init__(self, hidden: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32 * (SIDE // 2) ** 2, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.layers(pixels.reshape(-1, 1, SIDE, SIDE))
        return scores
