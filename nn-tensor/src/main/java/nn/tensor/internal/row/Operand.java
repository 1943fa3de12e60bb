package nn.tensor.internal.row;

/**
 * An operand of a kernel: rows of numbers, one after the other, in an array that may hold other numbers too. A kernel
 * of several operands takes one index for all of them, such as that of a row's first element; it counts from the first
 * element of each operand.
 *
 * @param array holds the elements
 * @param offset the index of the first element
 * @param rows the number of rows
 * @param n the number of elements of a row
 */
public record Operand(float[] array, int offset, int rows, int n) {
    /** The number of elements. */
    public int size() {
        return rows * n;
    }
}
