package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileKindTest {
    private static String resemblance(String hex) {
        return FileKind.resemblance(HexFormat.of().parseHex(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "1f8b0800, gzip data",
        "80020000, a Python pickle",
        "80050000, a Python pickle",
        "fffe6100, UTF-16 text",
        "feff0061, UTF-16 text",
        "504b0304, a zip archive",
        "89484446, an HDF5 file",
        "aced0005, a serialized Java object",
        "934e554d, a NumPy array",
        "ffd8ffe1, a JPEG image",
        "3c68746d, a web page",
        "20617e0a, text",
        "0d09617e, text"
    })
    void aFileOfAnotherKindIsKnownByItsFirstFourBytes(String hex, String kind) {
        assertThat(resemblance(hex)).startsWith("; this looks like " + kind);
    }

    @ParameterizedTest
    @CsvSource({"80010000", "80060000", "61626307", "6162637f", "616263c3", "00000000"})
    void otherBytesResembleNothing(String hex) {
        assertThat(resemblance(hex)).isEmpty();
    }

    @Test
    void threeBytesAreTooFewToTell() {
        assertThat(resemblance("1f8b08")).isEmpty();
    }
}
