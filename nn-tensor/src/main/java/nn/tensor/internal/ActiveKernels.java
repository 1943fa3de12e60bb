package nn.tensor.internal;

/**
 * Chooses the twin once. VectorKernels is named only where its module is known to be there, so it is never linked
 * without.
 */
final class ActiveKernels {
    /**
     * System property: {@code auto}, {@code scalar}, which keeps the scalar twin where vectors would be available, or
     * {@code vector}, which does not wait until the vector twin is compiled: for tests.
     */
    private static final String CHOICE = "nn.kernels";

    static final Kernels KERNELS = choose();

    private ActiveKernels() {}

    private static Kernels choose() {
        String choice = System.getProperty(CHOICE, "auto");
        if (choice.equals("scalar")) {
            return new ScalarKernels();
        }
        boolean tiered = choice.equals("auto");
        if (!tiered && !choice.equals("vector")) {
            throw new IllegalArgumentException(
                    "system property " + CHOICE + " is '" + choice + "': it is 'auto', 'scalar' or 'vector'");
        }
        if (vectorModulePresent()) {
            return vector(tiered);
        }
        System.getLogger("nn.tensor")
                .log(
                        System.Logger.Level.WARNING,
                        "nn runs on scalar kernels, same results but slower: start java with"
                                + " --add-modules jdk.incubator.vector, or put nn on the module path.");
        return new ScalarKernels();
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
        return tiered ? new TieredKernels() : new VectorKernels();
    }
}
