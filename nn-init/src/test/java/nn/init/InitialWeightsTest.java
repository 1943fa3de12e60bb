package nn.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final String TABLE = """
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
        orthogonal [8 x 8] 0d1c4a26a5ad45ebfc07b0988d129c269d79a84985c789c0ab424bb97c33f66d
        orthogonal [128 x 128] f472c77998e74fe03927c947fcc98f381b9dd64a14a6dbf9e423e9cb6ba806ea
        orthogonal [40 x 33] a0917a8555719f4096182ecffe62792c9d451aaec3d0fd23258fd3509e4246fa
        orthogonal [33 x 70] a6cc9e1506c038d1dc626629c9de758e04057c06334d094746f486e1c008dbdc
        orthogonal(gain 1.5) [16 x 16] a7c7f01824b20de91b10e78c8d8b92bf9aaed28c809b2e1d43e998b8862331a7
        orthogonal [3 x 5 x 7] c41b429b5fa27aa6f55af3f9cd500979ba2ccad56887f46c7a7f5319281b0ec9
        he normal [1000] e2829fe9069505f908713c0d3164aedaa09958d8a4b69e99ddb4615e41a6b1fe
        normal(0, 1) [1 x 1] 4a0dad18bf0cf655e65ed30354041d7b61fc1178fd862afdd08966abf252107f
        normal(0, 1) [1 x 1] key 00000000000000000000000000000000 a202002ee0b0a0d78dac6b4233ca25d67550cc18eabb99aa3c4864bd40d5f4a7
        normal(0, 1) [64 x 64] key 0000000000000000ffffffffffffffff 70668f651139da108265ef50e85bb9eb733d4de131253ae0fe9e27f0a9337cdd
        normal(0, 1) [64 x 64] key 0123456789abcdeffedcba9876543210 cbbf975778315cdaebf9d4a8fe8cf8c6568f2c66a079bcfa457d8f8914c08be1
        normal(0, 1) [2048 x 300] key 5463067f24cfc7da03ec0117d8b0e507 c4ee3aa8d7632b5cad4b744be60590142b583bc0129316f80d1ae116165c3645
        uniform(-1, 1) [1 x 1] key 00000000000000000000000000000000 86f5c5bff9a0fa183b66441b316068de2533b16e669398fac195d295c3dbad64
        uniform(-1, 1) [2048 x 300] key 5463067f24cfc7da03ec0117d8b0e507 2d7c71f38822582b9e5b0528f56bb0287fe5f4449f8b50f5d0fd2911efb30ac4
        truncated normal(0, 1, cut 3) [100 x 100] key 0faec64f54ca7d0aad0111ba7c7a938f fcf23c1dd89c5cfc698d9b3a1f6e2f2579c20bb7e376a21874eeac40794cb8a9
        truncated normal(0, 1, cut 0.1) [17 x 3] 18ea7f08305f7663cda517c6306dc967d244399cce0f2805281e99fab9b7f019
        zeros [3 x 4] 61ae5e3172a12199ba8838b0ef903227bc661e069bc744281ed1d428637c2616
        ones [3 x 4] 3055345f7894d11e173f7e5d26c1d1b71b3c835bc357c67cc35e101c513548cd
        constant(0.1) [3 x 4] 39b5a8b0ded4d463841f5410f8d77f53272a8a9d994044edc38d7023c0a20b0b
        identity [4 x 6] 82d8e1ba8722d151dd8acd38d31211e7027ba392f322925364e279f8a9458b2d
        identity(gain 0.5) [6 x 4] eaa69a1523e3c43965519a3356250480d8e6358fc39aecbe4f63eb61f57d50f0
        he uniform(slope 0.1) [20 x 30] a9edabc43e77ae6f92701ecfa8c271334fac87417df2071d5a5eee4b594fa650
        he truncated normal [65 x 66] 8bd7f12c51f075065607008cf71731223a2907620f9aa66ff7d61e59128de61c
        xavier truncated normal [65 x 66] 422519653a94161089757fb76b3a4149b09f94840b8ca1bca95aeb19394f4f19
        variance scaling(gain 1.5, fan out, uniform) [10 x 20] dde8369f7967ede8ff173d2ceb1cf5404f15eb811354c1aea2c677081365ca3f
        he normal [3 x 3 x 8 x 16] 1a58ac24f81d8a90a16c0592f4d675b7d6cb5783b0e28a3a51a95d74aff13208
        he normal [3 x 3 x 2 x 16] 92289bdd42765808d32d6b398d3a5aec792b789a67d3bbcbacc26c59933aba46
        he normal [2 x 3 x 4 x 5 x 6] fb400e7275aa74d501a24889cd67e3acd4015dbdb353d0488a598ffe82e0d2c8
        orthogonal [32 x 32] 16ad90ee9cb9ad724446770dc4132f8a337f1e4dcabea6a09130f9d2f54efb87
        orthogonal [64 x 33] 6cc0a7abcddc33ac8248f914b5b7de17526f20374626eaa14da1b9baaa61cd9e
        orthogonal [1 x 9] c238a8fa405a1099f95e84f7a0d1a28b543f8e01a8a313fe663800e36ef61e03
        orthogonal [9 x 1] 76b4a519d1471e19f3225138d716f0f6686448279d99f5ac69060c8938446db0
        orthogonal [300 x 257] key 5463067f24cfc7da03ec0117d8b0e507 92f0bd185de97f2972b04b85af8e80e8a110f5ffe73cb2010c18442ff672a55e
        sparse(15, 1) [100 x 50] d391e626519f38bad326f74986af09bcd8b0f47324a97a98120a022f8bd16a5d
        sparse(15, 0.5) [7 x 3] 3996617df92d304c904a8249ad77276d0761875060862efee246c7eec2393a58
        looks linear(inputs, orthogonal) [20 x 10] 777c13d06e239ce1a6bc91cd6fb0002d4af2813c820afacbd57fd99f40d98685
        looks linear(outputs, orthogonal) [10 x 20] f76239cf8379bcb0b145445c908c149dcab1fe971cb64b6cd7477285728e39f4
        looks linear(both, orthogonal) [20 x 20] 88c6f1f0a9a143cc63093f9fcc23fc4fbc6bdf286ac9b8a118e57405ea034c57
        looks linear(both, he normal) [20 x 30] cd39772d3088108875282670d4b20c4e2957b078b3dac20b91bb595e7a1dfecd
        siren first [2 x 64] b350e8d8df948f7ce1f3c5ada2e3f75132fcb8317fef7d2be70be4304a3eac99
        siren(30) [64 x 64] 4833118ae3abfe660d3c146fcd5544e178d5428a694a28eb9a74c40af42e8fda
        scaled(he normal, 0.1414213562373095) [16 x 16] 48981968b4f850276c2c9248558beb5e4cdb378bb2a2ba80fb472ddda30d5022
        scaled(he normal, 0.3760603093086394) [16 x 16] 72e2aab55efce8d3f05294600ce3ade5dcea1c38fead5ef6379d14487341475c
        scaled(he uniform, 0.7071067811865476) [16 x 16] ea5d625490d685b7439f5cdd210d21b2aac0f8c26c47b28f1b44fc09e27303ff
        asymmetric weight(choices ca679ea24576b41e860249b6e375195c) [3 x 5] f37ad18a5f5c066ade867b20f10cb368398f2bec5d7ed9ccc48d53ca25298b6b
        asymmetric bias(choices ca679ea24576b41e860249b6e375195c) [5] c213c86edb5711f8d31a3a1d13ad6131cdfa7262858109c4d4fb405fb9f3ebba
        mup(hidden, 16, he normal) [64 x 64] ef093d9dd2819847b099f7c2e1259860b2cf028bb5cc75edfb3f24f27d2a1e09
        mup(output, 16, lecun normal) [64 x 10] 17f6152cb1946efb402a4d543a37f25f2eea8e98310881f07dc980eb96e1122a
        gates(4, orthogonal) [8 x 32] 47190b81870b805a40b139d071c55a0e201bab79737b9373eab3de84635805b5
        gates(3, xavier uniform) [5 x 24] b7b20c9b4a297a237043ed6d8b771493abf8685cfe73019a3301b8a0792f832e
        gates(zeros, ones, normal(0, 1), zeros) [32] d19335cdbbd3211ecf7204c5d05f550b5accab85cf88adfd56beb78e734978b0
        delta orthogonal [3 x 3 x 5 x 7] ad2a08842bd25f599fc33acd4b1182e013efed16800e9edbe834ab970390e176
        delta orthogonal(gain 1.5) [4 x 6 x 4] 0285fd9b840d1facc567f251f455f8fe96148d299bfa6db1fc896aa3d732435c
        dirac [3 x 2 x 5 x 7] 785d38de779e471f7d6282e71e5a354bfdba1458c4e09889e61d6980128f7352
        chrono keep(longest 784, choices 0000000000000000000000000000002a) [128] 4500558e49fc21184bff0b07fed2d58e06bb758d6fa5be413746ab993a95f2f3
        chrono admit(longest 784, choices 0000000000000000000000000000002a) [128] cbcee6aeb8f7daee75234cff2e953f5c4b3a835d53d2fb9fa677e7d2b2741c4e
        padding row(normal(0, 0.02), 3) [11 x 6] c9f73f6ef520af9454f8791ec55c535bfe5484944121679d13937c18188d5051
        torch default [64 x 48] 66e1b97e52f160094e60940eb17dad747b00cb8d771a4947b8e543f14834146d
        torch recurrent [64 x 48] f9f62ebf059bd47c2e7e95f8d232ab2b9a2bfee75c3f116792676b841672f840
        lecun truncated normal [64 x 48] b370e9d5cfff2b05f4f38cb25e1131ff8b99eabccc0b71849d0ab947c8ef851e
        """;

    private static final Key KEY = Key.of(42).child("hidden1").child("weight");

    /** The name is the scheme's as it was printed when its line was added. */
    private record Case(String name, Initializer initializer, Shape shape, Fans fans, Key key) {
        Case(Initializer initializer, Shape shape, Fans fans) {
            this(initializer.toString(), initializer, shape, fans, KEY);
        }

        Case named(String other) {
            return new Case(other, initializer, shape, fans, key);
        }

        /** With another key than most lines have. */
        Case with(Key other) {
            return new Case(name, initializer, shape, fans, other);
        }

        /** Scheme, shape, key if it is another one, and {@link Tensor#sha256()}. */
        String line() {
            Tensor out = Tensor.zeros(shape);
            initializer.fill(out, fans, key);
            String other = key.equals(KEY) ? "" : String.format(Locale.ROOT, " key %016x%016x", key.hi(), key.lo());
            return name + " " + shape + other + " " + out.sha256();
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
            weight(Init.heNormal(0.2), 64, 64).named("variance scaling(gain 1.38675, fan in, normal)"),
            weight(new VarianceScaling(2, Fan.GEOMETRIC, Distribution.TRUNCATED_NORMAL), 50, 60),
            weight(Init.orthogonal(), 1, 1),
            weight(Init.orthogonal(), 8, 8),
            weight(Init.orthogonal(), 128, 128),
            weight(Init.orthogonal(), 40, 33),
            weight(Init.orthogonal(), 33, 70),
            weight(Init.orthogonal(1.5), 16, 16),
            new Case(Init.orthogonal(), Shape.of(3, 5, 7), new Fans(15, 7)),
            new Case(Init.heNormal(), Shape.of(1000), new Fans(300, 1000)),
            weight(Init.normal(1), 1, 1),
            weight(Init.normal(1), 1, 1).with(Key.of(0)),
            weight(Init.normal(1), 64, 64).with(Key.of(-1)),
            weight(Init.normal(1), 64, 64).with(new Key(0x0123456789ABCDEFL, 0xFEDCBA9876543210L)),
            weight(Init.normal(1), 2048, 300).with(Key.of(7).child(3)),
            weight(Init.uniform(1), 1, 1).with(Key.of(0)),
            weight(Init.uniform(1), 2048, 300).with(Key.of(7).child(3)),
            weight(new TruncatedNormal(0, 1, 3), 100, 100)
                    .with(Key.of(7).child("a layer").child("weight")),
            weight(new TruncatedNormal(0, 1, 0.1), 17, 3),
            weight(Init.zeros(), 3, 4),
            weight(Init.ones(), 3, 4),
            weight(Init.constant(0.1), 3, 4),
            weight(Init.identity(), 4, 6),
            weight(new Identity(0.5), 6, 4),
            weight(Init.heUniform(0.1), 20, 30),
            weight(new VarianceScaling(Gain.he(0), Fan.IN, Distribution.TRUNCATED_NORMAL), 65, 66),
            weight(new VarianceScaling(1, Fan.AVERAGE, Distribution.TRUNCATED_NORMAL), 65, 66),
            weight(new VarianceScaling(1.5, Fan.OUT, Distribution.UNIFORM), 10, 20),
            new Case(Init.heNormal(), Shape.of(3, 3, 8, 16), Fans.convolution(8, 16, 9, 1, 1)),
            new Case(Init.heNormal(), Shape.of(3, 3, 2, 16), Fans.convolution(8, 16, 9, 1, 4)),
            new Case(Init.heNormal(), Shape.of(2, 3, 4, 5, 6), new Fans(120, 144)),
            weight(Init.orthogonal(), 32, 32),
            weight(Init.orthogonal(), 64, 33),
            weight(Init.orthogonal(), 1, 9),
            weight(Init.orthogonal(), 9, 1),
            weight(Init.orthogonal(), 300, 257).with(Key.of(7).child(3)),
            weight(Init.sparse(15, 1), 100, 50),
            weight(Init.sparse(15, 0.5), 7, 3),
            weight(Init.looksLinear(LooksLinear.Mirror.INPUTS), 20, 10),
            weight(Init.looksLinear(LooksLinear.Mirror.OUTPUTS), 10, 20),
            weight(Init.looksLinear(LooksLinear.Mirror.BOTH), 20, 20),
            weight(new LooksLinear(LooksLinear.Mirror.BOTH, Init.heNormal()), 20, 30),
            weight(Init.sirenFirst(), 2, 64),
            weight(Init.siren(30), 64, 64),
            weight(Init.residual(Init.heNormal(), 50), 16, 16),
            weight(Init.fixup(Init.heNormal(), 50, 3), 16, 16),
            weight(Init.afterDropout(Init.heUniform(), 0.5), 16, 16),
            weight(Init.asymmetricWeight(Key.of(42).child("hidden1")), 3, 5),
            new Case(Init.asymmetricBias(Key.of(42).child("hidden1")), Shape.of(5), new Fans(3, 5)),
            weight(Init.muP(MuP.Role.HIDDEN, 16, Init.heNormal()), 64, 64),
            weight(Init.muP(MuP.Role.OUTPUT, 16, Init.lecunNormal()), 64, 10),
            new Case(Init.gates(4, Init.orthogonal()), Shape.of(8, 32), Fans.gated(8, 32, 4)),
            new Case(Init.gates(3, Init.xavierUniform()), Shape.of(5, 24), Fans.gated(5, 24, 3)),
            new Case(Init.gates(Init.zeros(), Init.ones(), Init.normal(1), Init.zeros()), Shape.of(32), new Fans(8, 8)),
            new Case(Init.deltaOrthogonal(), Shape.of(3, 3, 5, 7), Fans.convolution(5, 7, 9, 1, 1)),
            new Case(Init.deltaOrthogonal(1.5), Shape.of(4, 6, 4), Fans.convolution(6, 4, 4, 1, 1)),
            new Case(Init.dirac(), Shape.of(3, 2, 5, 7), Fans.convolution(5, 7, 6, 1, 1)),
            new Case(Init.chronoKeep(784, Key.of(42)), Shape.of(128), new Fans(28, 128)),
            new Case(Init.chronoAdmit(784, Key.of(42)), Shape.of(128), new Fans(28, 128)),
            new Case(Init.paddingRow(Init.normal(0.02), 3), Shape.of(11, 6), Fans.embedding(11, 6)),
            weight(Init.torchDefault(), 64, 48),
            weight(Init.torchRecurrent(), 64, 48),
            weight(Init.flaxDense(), 64, 48));

    /** All whose bits are kept here. */
    static Stream<Initializer> schemes() {
        return CASES.stream().map(Case::initializer);
    }

    @Test
    void weightsKeepTheirBits() {
        assertThat(CASES.stream().map(Case::line).collect(Collectors.joining("\n", "", "\n")))
                .isEqualTo(TABLE);
    }
}
