"""The long tail: operations that are not native, and that moto answers in-process. Only here is moto imported, at
the first such call; ``answering.MotoTail`` is the seam."""
