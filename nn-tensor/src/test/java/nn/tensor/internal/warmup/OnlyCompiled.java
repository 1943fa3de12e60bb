package nn.tensor.internal.warmup;

import java.util.Set;

/** Some vector kernels: those that a test lets a product use. */
public record OnlyCompiled(TileStage tiles, Set<Operation> operations) implements Compiled {
    /** Some tiles, and some operations. */
    public static OnlyCompiled of(TileStage tiles, Operation... operations) {
        return new OnlyCompiled(tiles, Set.of(operations));
    }

    @Override
    public boolean has(Operation operation, int n) {
        return operations.contains(operation);
    }
}
