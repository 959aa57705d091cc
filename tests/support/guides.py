"""A short guide, as an organization would write it."""

GUIDE = """
title: Onboarding
introduction: "Three short questions:"
topics:
  - {name: goal, label: your goal, question: "What is your goal?", more: More?, explanation: Why?, example: "Such as?"}
  - {name: pain, label: trouble, section: pains, question: "What is hard?", more: More?, explanation: Why?, example: X?}
"""
