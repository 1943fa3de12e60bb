package nn.tensor.internal.warmup;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Some vector kernels: those that a test lets a product use. */
public record OnlyCompiled(Set<Operation> operations) implements Compiled {
    /** Some operations. */
    public static OnlyCompiled of(Operation... operations) {
        return new OnlyCompiled(Set.of(operations));
    }

    /** All tiles, and some other operations. */
    public static OnlyCompiled tilesAnd(Operation... operations) {
        return new OnlyCompiled(
                Stream.concat(tiles(), Arrays.stream(operations)).collect(Collectors.toSet()));
    }

    /** The operations that are tiles of products. */
    public static Stream<Operation> tiles() {
        return Arrays.stream(Operation.values()).filter(operation -> operation.kind.isOfTiles());
    }

    @Override
    public boolean has(Operation operation, int n) {
        return operations.contains(operation);
    }
}
