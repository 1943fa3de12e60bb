package nn.train.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import nn.train.io.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GunzipTest {
    private static final byte[] TEXT = "some text".getBytes(StandardCharsets.UTF_8);
    private static final int HEADER = 10;

    private static byte[] member(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    /** Puts the parts that the flags announce behind the header: extra field, name, comment and checksum. */
    private static byte[] withOptionalParts(byte[] member, int flags, int extraLength) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(member, 0, HEADER);
        if ((flags & 4) != 0) {
            bytes.write(extraLength & 0xFF);
            bytes.write(extraLength >> 8);
            byte[] extra = new byte[extraLength];
            Arrays.fill(extra, (byte) 9);
            bytes.write(extra);
        }
        for (int text : new int[] {8, 16}) {
            if ((flags & text) != 0) {
                bytes.write("name\0".getBytes(StandardCharsets.UTF_8));
            }
        }
        if ((flags & 2) != 0) {
            bytes.write(new byte[] {1, 2});
        }
        bytes.write(member, HEADER, member.length - HEADER);
        byte[] whole = bytes.toByteArray();
        whole[3] = (byte) flags;
        return whole;
    }

    private static byte[] unpacked(byte[] packed) throws IOException {
        try (Gunzip gunzip = new Gunzip(new ByteArrayInputStream(packed), "f")) {
            return gunzip.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 8, 16, 31})
    void optionalPartsOfAHeaderAreLeftOut(int flags) throws IOException {
        for (int extra : new int[] {0, 5, 0x0203}) {
            assertThat(unpacked(withOptionalParts(member(TEXT), flags, extra))).isEqualTo(TEXT);
        }
    }

    @Test
    void aFlagWithoutAMeaningIsRefused() throws IOException {
        byte[] unknown = member(TEXT);
        unknown[3] = 32;
        assertThatExceptionOfType(DataFormatException.class)
                .isThrownBy(() -> unpacked(unknown))
                .withMessageContaining("method 8 with flags 32 is unknown");
    }

    @Test
    void bytesAreReadOneByOneOrIntoAPartOfAnArray() throws IOException {
        try (Gunzip gunzip = new Gunzip(new ByteArrayInputStream(member(TEXT)), "f")) {
            assertThat(gunzip.read()).isEqualTo('s');
            byte[] part = new byte[10];
            assertThat(gunzip.read(part, 3, 0)).isZero();
            assertThat(gunzip.readNBytes(part, 3, 4)).isEqualTo(4);
            assertThat(part).containsExactly(0, 0, 0, 'o', 'm', 'e', ' ', 0, 0, 0);
            assertThat(gunzip.readAllBytes()).isEqualTo("text".getBytes(StandardCharsets.UTF_8));
            assertThat(gunzip.read()).isEqualTo(-1);
        }
        try (Gunzip high = new Gunzip(new ByteArrayInputStream(member(new byte[] {(byte) 0xFF})), "f")) {
            assertThat(high.read()).isEqualTo(255);
        }
    }
}
