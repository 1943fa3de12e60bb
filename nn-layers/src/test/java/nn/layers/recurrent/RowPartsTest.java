package nn.layers.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowPartsTest {
    /**
     * How many threads are free, and so how rows are shared out, may change from the forward to the backward pass: then
     * the work on some rows is new, and has to view the tensors first.
     */
    @Test
    void everyRunViewsItsRowsFirst() {
        List<String> calls = new ArrayList<>();
        class Recorded extends RowParts.Rows {
            Recorded(int from, int to) {
                super(from, to);
            }

            @Override
            void view() {
                calls.add("view " + from + " to " + to);
            }

            @Override
            void forward() {
                calls.add("forward " + from + " to " + to);
            }

            @Override
            void backward() {
                calls.add("backward " + from + " to " + to);
            }
        }
        RowParts<Recorded> parts = new RowParts<>(Recorded::new, Recorded[]::new);
        parts.forward(4, 1);
        parts.backward(3, 1);
        parts.backward(4, 1);
        assertThat(calls)
                .containsExactly(
                        "view 0 to 4",
                        "forward 0 to 4",
                        "view 0 to 3",
                        "backward 0 to 3",
                        "view 0 to 4",
                        "backward 0 to 4");
    }
}
