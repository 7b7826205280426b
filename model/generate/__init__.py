"""Handwriting on paper, boards and screens, made from MNIST's training digits, to learn from and to compare on."""
