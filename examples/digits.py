"""The packaged example as a script: a small network on 1,797 real handwritten digits, in a few seconds."""

from convcore.examples.digits import main

if __name__ == "__main__":
    main()
