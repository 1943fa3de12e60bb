package nn.jmh;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Fused multiply-adds on registers alone: the most that a JVM gets out of a core. */
public final class FmaPeak {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /**
     * Two units of four cycles' latency have eight in flight, if each starts on time: with eight chains, figures fell
     * to 100 where twelve gave 174. With the factors these fit into 16 registers.
     */
    private static final int CHAINS = 12;

    /** Floating-point operations of one {@link #run}, at every vector width up to 512 bits. */
    public static final int FLOPS = 2 * CHAINS * 16 * 4096;

    private FmaPeak() {}

    /**
     * Runs the chains of multiply-adds.
     *
     * @param half 0.5, not known at compile time
     * @param one 1, not known at compile time
     * @return their sum, each of which goes to 2
     */
    public static float run(float half, float one) {
        int times = FLOPS / (2 * CHAINS * SPECIES.length());
        FloatVector x = FloatVector.broadcast(SPECIES, half);
        FloatVector y = FloatVector.broadcast(SPECIES, one);
        FloatVector c0 = x;
        FloatVector c1 = y;
        FloatVector c2 = x.add(y);
        FloatVector c3 = x.sub(y);
        FloatVector c4 = x.neg();
        FloatVector c5 = y.neg();
        FloatVector c6 = x.mul(x);
        FloatVector c7 = x.add(x).add(y);
        FloatVector c8 = x.mul(y).add(x);
        FloatVector c9 = c8.add(y);
        FloatVector c10 = c9.neg();
        FloatVector c11 = c10.add(x);
        for (int i = 0; i < times; i++) {
            c0 = c0.fma(x, y);
            c1 = c1.fma(x, y);
            c2 = c2.fma(x, y);
            c3 = c3.fma(x, y);
            c4 = c4.fma(x, y);
            c5 = c5.fma(x, y);
            c6 = c6.fma(x, y);
            c7 = c7.fma(x, y);
            c8 = c8.fma(x, y);
            c9 = c9.fma(x, y);
            c10 = c10.fma(x, y);
            c11 = c11.fma(x, y);
        }
        return c0.add(c1)
                .add(c2.add(c3))
                .add(c4.add(c5).add(c6.add(c7)))
                .add(c8.add(c9).add(c10.add(c11)))
                .lane(0);
    }
}
