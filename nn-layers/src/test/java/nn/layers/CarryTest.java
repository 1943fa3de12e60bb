package nn.layers;

import static nn.fixtures.TensorAssert.assertThat;
import static nn.fixtures.Weights.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import nn.layers.network.Network;
import nn.layers.recurrent.Gru;
import nn.layers.recurrent.Lstm;
import nn.tensor.Key;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class CarryTest {
    private static final Key KEY = Key.of(37);

    private static Network network() {
        return Network.builder(KEY)
                .sequence(4)
                .lstm("lstm", 5)
                .gru("gru", 6)
                .rnn("rnn", 3)
                .dense("out", 2)
                .build();
    }

    private static Tensor output(Layer layer, Tensor x, Carry carry) {
        return layer.forward(x, carry.over(Context.inference())).output();
    }

    @Test
    void chunksGiveTheSameOutputsAsTheWholeSequence() {
        Network network = network();
        Tensor x = normal("x", 10, 3, 4);
        Tensor whole = network.predict(x);
        Carry carry = new Carry();
        int from = 0;
        for (int length : new int[] {4, 1, 5}) {
            Tensor y = output(network, x.rows(from, from + length), carry);
            assertThat(y).isBitEqualTo(whole.rows(from, from + length));
            carry.advance();
            from += length;
        }
    }

    @Test
    void gradientsStayWithinTheChunk() {
        Lstm lstm = Lstm.units(5).create(4, KEY);
        Tensor x = normal("x", 6, 3, 4);
        Tensor dy = normal("dy", 2, 3, 5);
        RecurrentPass before =
                lstm.run(x.rows(0, 4), Recurrent.State.of(Tensor.zeros(3, 5), Tensor.zeros(3, 5)), Context.inference());
        Gradients expected = new Gradients(lstm.parameters());
        lstm.run(x.rows(4, 6), before.lastState(), Context.inference()).pullback(dy, expected);

        Carry carry = new Carry();
        Workspace workspace = new Workspace();
        workspace.begin(KEY);
        lstm.forward(x.rows(0, 4), carry.over(workspace));
        carry.advance();
        workspace.begin(KEY); // overwrites the tensors of the chunk before
        Gradients gradients = new Gradients(lstm.parameters());
        lstm.forward(x.rows(4, 6), carry.over(workspace)).pullback(dy, gradients);
        for (Parameter p : lstm.parameters()) {
            assertThat(gradients.of(p)).isBitEqualTo(expected.of(p));
        }
    }

    @Test
    void aChunkWithoutAdvanceChangesNoCarriedState() {
        Network network = network();
        Tensor x = normal("x", 4, 3, 4);
        Carry carry = new Carry();
        Tensor first = output(network, x, carry);
        assertThat(output(network, x, carry)).isBitEqualTo(first);
        carry.advance();
        Tensor second = output(network, x, carry);
        assertThat(second).isNotBitEqualTo(first);
        carry.advance();
        carry.advance(); // no pass since: nothing changes
        carry.reset();
        assertThat(output(network, x, carry)).isBitEqualTo(first);
        assertThat(network.predict(x)).isBitEqualTo(first);
    }

    @Test
    void aLayerInTwoPlacesHasAStateForEach() {
        Gru gru = Gru.units(4).create(4, KEY);
        Network twice =
                Network.builder(KEY).sequence(4).layer("a", gru).layer("b", gru).build();
        Tensor x = normal("x", 6, 2, 4);
        Carry carry = new Carry();
        output(twice, x.rows(0, 3), carry);
        carry.advance();
        assertThat(output(twice, x.rows(3, 6), carry))
                .isBitEqualTo(twice.predict(x).rows(3, 6));
    }

    @Test
    void aContextInsideACarrySeesTheLayersAndTheCarrySeesTheirStates() {
        List<Layer> seen = new ArrayList<>();
        Context looking = new ForwardingContext(Context.inference()) {
            @Override
            public Tensor run(Pass pass, Tensor x, Context outermost) {
                seen.add(pass.layer());
                return super.run(pass, x, outermost);
            }
        };
        Network network = network();
        Tensor x = normal("x", 4, 3, 4);
        Carry carry = new Carry();
        Context context = carry.over(looking);
        network.forward(x.rows(0, 2), context);
        assertThat(seen).contains(network).containsAll(network.children().values());
        carry.advance();
        Tensor second = network.forward(x.rows(2, 4), carry.over(looking)).output();
        assertThat(second).isBitEqualTo(network.predict(x).rows(2, 4));
    }

    @Test
    void statesAreRestoredInAnotherCarry() {
        Network network = network();
        Tensor x = normal("x", 4, 3, 4);
        Carry carry = new Carry();
        output(network, x, carry);
        assertThat(carry.states()).isEmpty();
        carry.advance();
        Carry other = new Carry();
        other.restore(carry.states());
        Tensor expected = output(network, x, carry);
        assertThat(output(network, x, other)).isBitEqualTo(expected);
        carry.states().values().forEach(states -> states.getFirst().part(0).fill(9)); // copies
        assertThat(output(network, x, carry)).isBitEqualTo(expected);

        Gru gru = Gru.units(4).create(4, KEY);
        Recurrent.State wrong = Recurrent.State.of(Tensor.zeros(3, 5));
        assertThatThrownBy(() -> carry.restore(Map.of(gru, List.of(wrong))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a state of " + gru + " has parts of shapes [[3 x 5]]; expected [[3 x 4]]");
        assertThat(output(network, x, carry)).isBitEqualTo(expected);
    }

    @Test
    void aBatchOfAnotherSizeIsRefused() {
        Network network = network();
        Carry carry = new Carry();
        output(network, normal("x", 2, 3, 4), carry);
        carry.advance();
        assertThatThrownBy(() -> output(network, normal("x", 2, 1, 4), carry))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 'lstm' (Lstm 4 -> 5): the state carried for Lstm 4 -> 5 has 3 rows, but the batch"
                        + " has 1: before new sequences, call reset(), or resetStates() of a trainer, and"
                        + " leave out a smaller last batch");
        carry.reset();
        output(network, normal("x", 2, 1, 4), carry);
    }

    /** Returns its input, and has no state. */
    private record Stateless(int inputs) implements Recurrent {
        @Override
        public int units() {
            return inputs;
        }

        @Override
        public List<Integer> stateSizes() {
            return List.of();
        }

        @Override
        public RecurrentPass newPass() {
            return new RecurrentPass(this) {
                @Override
                protected Tensor forward(Tensor x, State state, Context context) {
                    return x;
                }

                @Override
                protected Tensor backward(Tensor dStates, State dState, Gradients gradients) {
                    return dStates;
                }
            };
        }
    }

    @Test
    void aRecurrentLayerMayHaveNoState() {
        Layer layer = new Stateless(4);
        Tensor x = normal("x", 3, 2, 4);
        Carry carry = new Carry();
        output(layer, x, carry);
        carry.advance();
        assertThat(output(layer, x, carry)).isBitEqualTo(x);
    }

    @Test
    void aStateThatIsNullIsNamed() {
        Lstm lstm = Lstm.units(3).create(2, KEY);
        assertThatThrownBy(() -> new Carry().restore(Map.of(lstm, Collections.singletonList(null))))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("a state of Lstm 2 -> 3");
        assertThatThrownBy(() -> Recurrent.State.of(Tensor.zeros(1, 3), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("a part of the state");
    }
}
