"""What did the network learn?"""
