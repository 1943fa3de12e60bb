package nn.init.theory;

/** Refuses numbers out of range, by name and value. */
final class Check {
    private Check() {}

    static double notNegative(String what, String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + ": " + name + " " + value + " must be finite and 0 or more");
        }
        return value;
    }

    static double positive(String what, String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + ": " + name + " " + value + " must be finite and above 0");
        }
        return value;
    }

    static int atLeast(int least, String what, String name, int value) {
        if (value < least) {
            throw new IllegalArgumentException(what + ": " + name + " " + value + " must be at least " + least);
        }
        return value;
    }
}
