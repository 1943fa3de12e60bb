package nn.tensor.internal.product;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProductTest {
    private static int a(Product p, int i, int q) {
        return p.ao + i * p.ars + q * p.aps;
    }

    private static int b(Product p, int q, int j) {
        return p.bo + q * p.bps + j * p.bjs;
    }

    private static int c(Product p, int i, int j) {
        return p.co + i * p.cs + j;
    }

    private static int s(Product p, int i, int j) {
        return p.so + i * p.ss + j * p.sj;
    }

    /** 5 x 7 x 9, A column by column. */
    private static Product example() {
        return Product.of(5, 7, 9).at(100, 200, 300).leftTransposed().beginWithRow(400);
    }

    @Test
    void aPartFindsTheElementsOfTheWhole() {
        Product p = example();
        Product part = p.part(2, 3, 0, 3, 4, 9);
        assertThat(new int[] {part.m, part.n, part.k}).containsExactly(3, 4, 9);
        assertThat(a(part, 1, 5)).isEqualTo(a(p, 3, 5));
        assertThat(b(part, 5, 2)).isEqualTo(b(p, 5, 5));
        assertThat(c(part, 1, 2)).isEqualTo(c(p, 3, 5));
        assertThat(s(part, 1, 2)).isEqualTo(s(p, 3, 5)).isEqualTo(405);
    }

    @Test
    void aPartOfLaterInnerStepsBeginsWithTheValuesOfC() {
        Product p = example();
        Product part = p.part(2, 3, 6, 3, 4, 3);
        assertThat(a(part, 1, 1)).isEqualTo(a(p, 3, 7));
        assertThat(b(part, 1, 2)).isEqualTo(b(p, 7, 5));
        assertThat(s(part, 1, 2)).isEqualTo(c(p, 3, 5));
    }

    @Test
    void theTransposeFindsTheSameElements() {
        Product p = example();
        int inA = a(p, 4, 8);
        int inB = b(p, 8, 6);
        Product t = p.transpose();
        assertThat(new int[] {t.m, t.n, t.k}).containsExactly(7, 5, 9);
        assertThat(b(t, 8, 4)).isEqualTo(inA);
        assertThat(a(t, 6, 8)).isEqualTo(inB);
    }

    @Test
    void shareAndPartsAreDescriptorsApartFromTheWhole() {
        Product p = example();
        Product rows = p.shareOfRows(2, 3);
        Product part = p.part(0, 1, 0, 5, 6, 9);
        assertThat(rows).isNotSameAs(p).isNotSameAs(part);
        assertThat(c(rows, 0, 0)).isEqualTo(c(p, 2, 0));
        Product columns = p.shareOfColumns(4, 3);
        assertThat(c(columns, 0, 0)).isEqualTo(c(p, 0, 4));
        assertThat(c(part, 0, 0)).isEqualTo(c(p, 0, 1));
        assertThat(p.m).isEqualTo(5);
    }

    @Test
    void threadsHaveDescriptorsOfTheirOwn() throws InterruptedException {
        Product here = Product.of(1, 2, 3);
        Product[] there = new Product[1];
        Thread thread = new Thread(() -> there[0] = Product.of(4, 5, 6));
        thread.start();
        thread.join();
        assertThat(there[0]).isNotSameAs(here);
        assertThat(here.m).isEqualTo(1);
        assertThat(Product.of(7, 8, 9)).as("the next product of this thread").isSameAs(here);
    }
}
