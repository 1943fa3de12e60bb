package nn.train.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DataFormatExceptionTest {
    @Test
    void itNamesFileOffsetAndProblem() {
        DataFormatException atByte = new DataFormatException("a.csv", 12, "no number");
        assertThat(atByte).hasMessage("a.csv: at byte 12: no number");
        assertThat(atByte.source()).isEqualTo("a.csv");
        assertThat(atByte.position()).isEqualTo(12);
        DataFormatException inLine = new DataFormatException("a.csv", "line 3", -1, "no number");
        assertThat(inLine).hasMessage("a.csv: line 3: no number");
        assertThat(inLine.source()).isEqualTo("a.csv");
        assertThat(inLine.position()).isEqualTo(-1);
    }
}
