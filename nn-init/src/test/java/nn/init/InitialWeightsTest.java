package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import nn.tensor.Key;
import nn.tensor.Shape;
import nn.tensor.Tensor;
import org.junit.jupiter.api.Test;

/**
 * Initial weights are the same bits on every machine and in every version. This table is the promise: a change to a
 * line breaks it for whoever used that scheme. Lines may only be added: run the test, and take the new line from its
 * message.
 */
class InitialWeightsTest {
    private static final String TABLE =
            """
            normal(0, 0.01) [13 x 7] 3957e14c457e1daed6e49ced001fb8f08f34398ec66c85999d971071bb198a7d
            normal(0.5, 2) [100 x 3] cfbb499bf9a78d79c11dc57d24d0eddcfd31a28f152b004d46b3e2668d522aa4
            uniform(-0.05, 0.05) [13 x 7] 18398ef1de7f3572d77fd03aa5864aa7e4632950baaf36a875e6b99bc49a5e22
            uniform(-1, 2) [100 x 3] 6ea334da43af01aaa309e9ece37438f8d24dde2266c992ace15c69beda497382
            truncated normal(0, 0.02) [65 x 129] 7c29a8b7e9bfec39fdeed35c85ecb1f9e7a17c91c1de031c08ec9ebfea5e7973
            truncated normal(1, 0.5, cut 0.7) [13 x 7] 472f32dd93062ae1035019ae443682afed65080cd9f11466c07d2ea0f9b78b12
            xavier normal [64 x 10] 50c4c09cf47e4d8941c897df872022704faa1af9f795a86134445224b1933383
            xavier uniform [784 x 256] 952308c305f5585dec3400cdf9ccffc33b6739b2e5054a1b1ac4926175c3b34d
            he normal [784 x 256] 096f18917558d91679476f632e6fdd104f6653830d37aab2b25e6a7d73b5f111
            he uniform [31 x 33] 3ce05de0e70896e668053406a740def10cbafadba3fbd14ba6d00d39f006fa43
            lecun normal [255 x 1] d3f80daa8327a76e647e393406b5528356d31f61309974f3cddf77d9f0604734
            lecun uniform [1 x 255] d2424c22f2028f6a7fec38f78ca9d167dc558bb99dbcdd29ae4241a2285c67d6
            variance scaling(gain 1.38675, fan in, normal) [64 x 64] 70b2427e04a493f6d14b5cf42f1bd7fdcb3e6b67bb694982df90b72b18fed965
            variance scaling(gain 2, fan geometric, truncated normal) [50 x 60] a64b88be834c5b2b9d87aaaf7a2274f66a02d3cdbb95ad0f4e5dc7ce1092ad5a
            orthogonal [1 x 1] 12e42b7000f6f3f53fc2001d0cfde05310c7e8a57f64de6814a45e79cf31fa26
            orthogonal [8 x 8] d5d8ef5970687e6ace35228e0cd872dbf4e4236ef6d08d659c89e631e315d64b
            orthogonal [128 x 128] ead15988d3a8dfd43c889e201bbc2daee46db729d05501df3a7298bdb69cbdc8
            orthogonal [40 x 33] 146e572eeb5d213a5b8c87e5cedfa859cb5898a2bd2ca03043aff0b2d09baf91
            orthogonal [33 x 70] b5931ea7486f0985b05f0ae0207d9f8bd5c070257d015352a453965e8fd477a9
            orthogonal(gain 1.5) [16 x 16] cf16ccbbfc2d29281efb1b98330bdcaa91f890e9cdbca783c80b270bb03d9a1c
            orthogonal [3 x 5 x 7] dba22efa6d771a4003c170a9baa5eac709f70fe9c55b8450ef065703ab116906
            he normal [1000] e2829fe9069505f908713c0d3164aedaa09958d8a4b69e99ddb4615e41a6b1fe
            """;

    private record Case(Initializer initializer, Shape shape, Fans fans) {
        /** Scheme, shape and {@link Tensor#sha256()}. */
        String line() {
            Tensor out = Tensor.zeros(shape);
            initializer.fill(out, fans, Key.of(42).child("hidden1").child("weight"));
            return initializer + " " + shape + " " + out.sha256();
        }
    }

    /** A dense weight: its fans are its dimensions. */
    private static Case weight(Initializer initializer, int in, int out) {
        return new Case(initializer, Shape.of(in, out), new Fans(in, out));
    }

    private static final List<Case> CASES = List.of(
            weight(Init.normal(0.01), 13, 7),
            weight(new Normal(0.5, 2), 100, 3),
            weight(Init.uniform(0.05), 13, 7),
            weight(new Uniform(-1, 2), 100, 3),
            weight(Init.truncatedNormal(0.02), 65, 129),
            weight(new TruncatedNormal(1, 0.5, 0.7), 13, 7),
            weight(Init.xavierNormal(), 64, 10),
            weight(Init.xavierUniform(), 784, 256),
            weight(Init.heNormal(), 784, 256),
            weight(Init.heUniform(), 31, 33),
            weight(Init.lecunNormal(), 255, 1),
            weight(Init.lecunUniform(), 1, 255),
            weight(Init.heNormal(0.2), 64, 64),
            weight(new VarianceScaling(2, Fan.GEOMETRIC, Distribution.TRUNCATED_NORMAL), 50, 60),
            weight(Init.orthogonal(), 1, 1),
            weight(Init.orthogonal(), 8, 8),
            weight(Init.orthogonal(), 128, 128),
            weight(Init.orthogonal(), 40, 33),
            weight(Init.orthogonal(), 33, 70),
            weight(Init.orthogonal(1.5), 16, 16),
            new Case(Init.orthogonal(), Shape.of(3, 5, 7), new Fans(15, 7)),
            new Case(Init.heNormal(), Shape.of(1000), new Fans(300, 1000)));

    @Test
    void weightsAreTheSameBitsForEver() {
        assertThat(CASES.stream().map(Case::line).collect(Collectors.joining("\n", "", "\n"))).isEqualTo(TABLE);
    }
}
