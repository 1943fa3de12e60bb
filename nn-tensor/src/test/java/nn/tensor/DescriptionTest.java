package nn.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class DescriptionTest {
    private record Holder(String name, IntSupplier supplier) {}

    private static final class Plain {}

    @Test
    void anOverriddenToStringIsKept() {
        assertThat(Description.of("he normal")).isEqualTo("he normal");
        assertThat(Description.of(List.of(1, 2))).isEqualTo("[1, 2]");
        assertThat(Description.of(null)).isEqualTo("null");
    }

    @Test
    void anAddressIsNotShown() {
        IntSupplier lambda = () -> 3;
        assertThat(Description.of(lambda)).isEqualTo("a lambda");
        assertThat(Description.of((IntSupplier) "abc"::length)).isEqualTo("a lambda");
        assertThat(Description.of(new Plain())).isEqualTo("Plain");
        assertThat(Description.of(new Object() {})).isEqualTo("anonymous");
    }

    @Test
    void anObjectWhoseTextIsNullIsNamedByItsClass() {
        Object thing = new Object() {
            @Override
            public String toString() {
                return null;
            }
        };
        assertThat(Description.of(thing)).isEqualTo("anonymous");
    }

    @Test
    void aLambdaWithinATextIsNamedAsOne() {
        Holder holder = new Holder("x", () -> 3);
        assertThat(holder.toString()).contains("$$Lambda");
        assertThat(Description.of(holder)).isEqualTo("Holder[name=x, supplier=a lambda]");
        assertThat(Description.of(List.of(holder, holder)))
                .isEqualTo("[Holder[name=x, supplier=a lambda], Holder[name=x, supplier=a lambda]]");
    }
}
