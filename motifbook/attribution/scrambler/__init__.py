"""Scrambler networks (Linder et al. 2022): which letters does a prediction need?"""
