
for _ in range(3):
    for x in xs[:100]: redact(x)
