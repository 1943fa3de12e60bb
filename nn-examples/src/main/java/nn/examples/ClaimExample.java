package nn.examples;

import java.util.List;
import nn.examples.claims.Claim;
import nn.examples.claims.Finding;
import nn.examples.claims.Report;
import nn.tensor.Key;

/**
 * An example that judges some claims: prints each with its measurements, and exits with 1 if one leaves its range.
 *
 * @param name what the user types
 * @param summary one line for the list
 * @param claims the claims in the order of their telling
 */
record ClaimExample(String name, String summary, List<Claim> claims) implements Example {

    @Override
    public List<Option> options() {
        return List.of(Option.SEED);
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        Key key = arguments.key();
        // Claims are independent and each has its own key, so they may be measured side by side.
        List<List<Finding>> results = claims.parallelStream()
                .map(claim -> claim.measure(key.child(claim.id())))
                .toList();
        int measurements = 0;
        int outside = 0;
        for (int i = 0; i < claims.size(); i++) {
            List<Finding> found = results.get(i);
            terminal.line("%s", Report.of(claims.get(i), found));
            measurements += found.size();
            outside += (int) found.stream().filter(f -> !f.accepted()).count();
        }
        terminal.line("%d claims, %d measurements, %d outside their range", claims.size(), measurements, outside);
        return outside == 0 ? 0 : 1;
    }
}
