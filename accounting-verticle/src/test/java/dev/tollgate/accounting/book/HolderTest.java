package dev.tollgate.accounting.book;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HolderTest {
    @Test
    void aPartKnowsItsWhole() {
        Holder key = new Holder(Kind.KEY, "hash");
        Holder member = Holder.member("team", "user");
        Holder window = Holder.part(member, "window", "1d");
        Holder model = Holder.part(member, "model", "openai/gpt-4o");
        assertThat(Holder.model("hash", "openai/*").whole()).isEqualTo(key);
        assertThat(Holder.model("hash", "openai/*").part()).isEqualTo(Holder.Part.MODEL);
        assertThat(window.whole()).isEqualTo(member);
        assertThat(window.part()).isEqualTo(Holder.Part.WINDOW);
        assertThat(model.whole()).isEqualTo(member);
        assertThat(model.part()).isEqualTo(Holder.Part.MODEL);
        assertThat(member.whole()).isNull();
        assertThat(member.part()).isNull();
        assertThat(new Holder(Kind.PART, "of a later release").whole()).isNull();
    }
}
