package nn.tensor.internal;

import nn.tensor.internal.math.Fused;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the implementation once. VectorKernels is named only where its module is present, so it is never linked
 * without it.
 */
final class ActiveKernels {
    /**
     * System property: {@code auto}, {@code scalar}, which uses scalar kernels even where vectors are available, or
     * {@code vector}, which does not wait until the vector kernels are compiled; for tests.
     */
    private static final String CHOICE = "nn.kernels";

    private static final String CHOSEN = System.getProperty(CHOICE, "auto");

    /** Null if the property has another value: an error here would appear once, then as a NoClassDefFoundError. */
    private static final @Nullable Kernels KERNELS = choose();

    private ActiveKernels() {}

    /** {@link Kernels#active}. */
    static Kernels kernels() {
        if (KERNELS == null) {
            throw new IllegalArgumentException(
                    "system property " + CHOICE + " is '" + CHOSEN + "': it is 'auto', 'scalar' or 'vector'");
        }
        return KERNELS;
    }

    private static @Nullable Kernels choose() {
        boolean scalar = CHOSEN.equals("scalar");
        boolean tiered = CHOSEN.equals("auto");
        if (!scalar && !tiered && !CHOSEN.equals("vector")) {
            return null;
        }
        boolean slow = !Fused.isInstruction();
        if (slow) {
            warn("nn runs without fused multiply-add instructions, same results but some 100 times slower: start java"
                    + " without -XX:-UseFMA and -XX:UseAVX=0, on a processor that has FMA (x86-64-v3 or any 64-bit"
                    + " ARM).");
        }
        if (scalar || slow) {
            return new ScalarKernels(); // without the instruction, each lane of a vector's fma is a BigDecimal
        }
        if (vectorModulePresent()) {
            return vector(tiered);
        }
        warn("nn runs on scalar kernels, same results but slower: start java with --add-modules jdk.incubator.vector,"
                + " or put nn on the module path.");
        return new ScalarKernels();
    }

    private static void warn(String message) {
        System.getLogger("nn.tensor").log(System.Logger.Level.WARNING, message);
    }

    private static boolean vectorModulePresent() {
        try {
            Class.forName("jdk.incubator.vector.FloatVector", false, ActiveKernels.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static Kernels vector(boolean tiered) {
        return tiered ? new TieredKernels(new VectorWarmUp()) : new VectorKernels();
    }
}
