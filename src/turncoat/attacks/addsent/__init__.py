"""The sentence of AddSent in steps that leave a trace: mutated question, fake answer, declarative sentence, repair."""
