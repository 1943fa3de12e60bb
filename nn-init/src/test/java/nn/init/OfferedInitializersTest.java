package nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import nn.init.Providers.Offer;
import org.junit.jupiter.api.Test;

/** Names that providers offer, next to the library's own, without a provider on the path. */
class OfferedInitializersTest {
    private static Initializer parse(String text, List<String> failures, Offer... offers) {
        return InitializerRegistry.parse(text, new Providers(List.of(offers), failures), 0);
    }

    private static Offer offer(String provider, String name) {
        return new Offer(provider, name, spec -> new Scaled(Init.ones(), spec.number("factor", 2)));
    }

    private static void assertRefused(String text, String message, Offer... offers) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(text, List.of(), offers))
                .withMessageStartingWith(message);
    }

    @Test
    void anOfferedNameMayBeSpelledInAnyWay() {
        Initializer mine = new Scaled(Init.ones(), 3);
        for (String spelled : List.of("my kind(3)", "myKind(3)", "my_kind(factor 3)", " My-Kind (3) ")) {
            assertThat(parse(spelled, List.of(), offer("p.A", "my kind"))).isEqualTo(mine);
            assertThat(parse(spelled, List.of(), offer("p.A", "My_Kind"))).isEqualTo(mine);
        }
        assertThat(parse("scaled(my kind, 5)", List.of(), offer("p.A", "my kind")))
                .isEqualTo(new Scaled(new Scaled(Init.ones(), 2), 5));
        assertThat(parse("zeros", List.of(), offer("p.A", "my kind"))).isEqualTo(Init.zeros());
    }

    @Test
    void aNameOfferedTwiceIsRefused() {
        assertRefused(
                "my kind",
                "initializer 'my kind' is offered by p.A and p.B: a name must be unique; rename one, or take a provider"
                        + " off the path",
                offer("p.B", "my kind"),
                offer("p.A", "myKind"));
        assertRefused("zeros", "initializer 'zeros' is offered by nn.init itself and p.A: ", offer("p.A", "zeros"));
    }

    @Test
    void aFactoryThatFailsOrReturnsNullIsNamed() {
        assertRefused(
                "mine",
                "initializer 'mine': its provider failed to create it (java.lang.IllegalStateException: no)",
                new Offer("p.A", "mine", spec -> {
                    throw new IllegalStateException("no");
                }));
        assertRefused("mine", "initializer 'mine': its provider returned null", new Offer("p.A", "mine", spec -> null));
        assertRefused("mine(2, 3)", "'mine(2, 3)': 'mine' does not take '3'", offer("p.A", "mine"));
    }

    @Test
    void anOfferedNameIsSuggestedAndListed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("my bind", List.of(), offer("p.A", "my mind"), offer("p.A", "my kind")))
                .withMessageStartingWith("no initializer is named 'my bind'; did you mean 'my kind'?") // the first
                .withMessageContaining("mup, my kind, my mind, normal");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("my bind", List.of("p.B offers null", "p.C too"), offer("p.A", "my kind")))
                .withMessageStartingWith("no initializer is named 'my bind'; did you mean 'my kind'?"
                        + " Left out: p.B offers null; p.C too. There are: ");
    }

    @Test
    void aNameOfMoreThanSixtyCharactersGetsNoSuggestion() {
        for (int length : new int[] {60, 61}) {
            String name = "a".repeat(length);
            String asked = "a".repeat(length - 1) + "b";
            assertRefused(
                    asked,
                    "no initializer is named '" + asked
                            + (length == 60 ? "'; did you mean '" + name + "'?" : "'. There are: "),
                    offer("p.A", name));
        }
    }

    /** A name three letters away is a guess, at any end of the name. */
    @Test
    void aNameFarFromAllOthersGetsNoSuggestion() {
        for (String name : List.of("linear", "xy", "gatesabc", "abcgates")) {
            assertRefused(name, "no initializer is named '" + name + "'. There are: ");
        }
        for (String name : List.of("gatesab", "abgates", "agate", "gtaes", "gaates")) {
            assertRefused(name, "no initializer is named '" + name + "'; did you mean 'gates'? There are: ");
        }
    }

    /** The list ends with the name that goes beyond 600 characters, not counting the comma before it. */
    @Test
    void aMessageListsSixHundredCharactersOfNames() {
        String listed = String.join(", ", Init.names());
        for (int more : new int[] {0, 1}) {
            String first = "zzz" + "z".repeat(600 - listed.length() - 3 + more);
            Offer[] offers = {offer("p.A", first), offer("p.A", first + "z"), offer("p.A", first + "zz")};
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> parse("unheard of", List.of(), offers))
                    .withMessage("no initializer is named 'unheard of'. There are: " + listed
                            + (more == 0 ? ", " + first + " and 2" : " and 3") + " more, which Init.names() lists");
        }
    }
}
