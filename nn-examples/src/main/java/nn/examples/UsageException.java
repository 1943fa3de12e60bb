package nn.examples;

/** The command line cannot be understood. The launcher prints the message and exits with 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
