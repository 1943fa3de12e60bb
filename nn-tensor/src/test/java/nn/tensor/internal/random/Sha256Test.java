package nn.tensor.internal.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Sha256Test {
    @Test
    void hashesAreThoseOfTheStandardsExamples() {
        assertThat(hex("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(hex("")).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
                .isEqualTo("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }

    @Test
    void everyLengthUpToFiveBlocksAndALongMessageHaveTheHashOfTheJdk() throws Exception {
        Random random = new Random(1);
        for (int length = 0; length <= 321; length++) {
            byte[] message = new byte[length == 321 ? 100_003 : length];
            random.nextBytes(message);
            byte[] kept = message.clone();
            assertThat(Sha256.of(message))
                    .as("%d bytes", message.length)
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(kept));
            assertThat(message).isEqualTo(kept);
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(Sha256.of(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
