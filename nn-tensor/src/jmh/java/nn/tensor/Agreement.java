package nn.tensor;

/** A benchmark of another library says once that it does our work. */
final class Agreement {
    private Agreement() {}

    static void check(String what, float[] ours, float[] theirs, double tolerance) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException(
                    what + ": " + ours.length + " elements of ours, " + theirs.length + " of theirs");
        }
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= tolerance)) {
                throw new IllegalStateException(
                        what + ": element " + i + " is " + ours[i] + " of ours, " + theirs[i] + " of theirs");
            }
        }
    }
}
