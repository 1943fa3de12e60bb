package nn.examples;

import static org.assertj.core.api.Assertions.assertThat;

import nn.init.Init;
import org.junit.jupiter.api.Test;

class BitsTest {
    @Test
    void everySchemeHasAFingerprint() {
        assertThat(Bits.SCHEMES.stream().map(Bits::name)).containsExactlyInAnyOrderElementsOf(Init.names());
    }
}
