package nn.train.internal.shard;

/** Cuts a number of things into parts that are as alike as can be. */
public final class Parts {
    private Parts() {}

    /**
     * Returns where a part begins: at ceil(n i / parts).
     *
     * @param n how many things there are, 0 or more
     * @param parts how many parts, 1 or more
     * @param i the index of the part, from 0; the number of parts for the end of the last one
     * @return the index of its first thing, from 0 to n
     */
    public static int first(int n, int parts, int i) {
        return (int) (((long) n * i + parts - 1) / parts);
    }
}
