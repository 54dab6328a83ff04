"""`python -m uchat_execution.worker`: the venue worker."""

from uchat_execution.worker.serving import main

if __name__ == "__main__":
    main()
