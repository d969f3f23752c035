package dev.tollgate.accounting.price;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffPeakTest {
    private static final int MINUTES_A_DAY = 1440;
    private static final String PRICE = "'output_cost_per_token':2e-7";

    private static OffPeak offPeak(String members) {
        OffPeak read = OffPeak.read(("{" + PRICE + "," + members + "}").replace('\'', '"'));
        assertThat(read).as(members).isNotNull();
        return read;
    }

    private static boolean holds(String members, String instant) {
        return offPeak(members).at(Instant.parse(instant));
    }

    /** The windows of DeepSeek's models; 2026-08-24 is a Monday. */
    @ParameterizedTest
    @CsvSource({
        "2026-08-24T00:00:00Z, true",
        "2026-08-24T00:59:59.999999999Z, true",
        "2026-08-24T01:00:00Z, false",
        "2026-08-24T03:59:59.999Z, false",
        "2026-08-24T04:00:00Z, true",
        "2026-08-24T05:59:59.999Z, true",
        "2026-08-24T06:00:00Z, false",
        "2026-08-24T09:59:59.999Z, false",
        "2026-08-24T10:00:00Z, true",
        "2026-08-24T23:59:59.999Z, true",
        "2026-08-28T07:00:00Z, false",
        "2026-08-28T23:59:59.999Z, true",
        "2026-08-29T00:00:00Z, true",
        "2026-08-29T07:00:00Z, true",
        "2026-08-30T23:59:59.999Z, true",
        "2026-08-31T00:59:59.999Z, true",
        "2026-08-31T01:00:00Z, false",
    })
    void aWindowHoldsFromItsFirstMomentUntilJustBeforeItsLast(String instant, boolean holds) {
        assertThat(holds(
                        "'windows':[{'hours_utc':['00:00-01:00','04:00-06:00','10:00-00:00'],'weekdays':[1,2,3,4,5]},"
                                + "{'hours_utc':'00:00-00:00','weekdays':[6,7]}]",
                        instant))
                .isEqualTo(holds);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-08-24T22:29:59.999Z, false",
        "2026-08-24T22:30:00Z, true",
        "2026-08-24T23:59:59.999Z, true",
        "2026-08-25T00:00:00Z, true",
        "2026-08-25T02:14:59.999Z, true",
        "2026-08-25T02:15:00Z, false",
    })
    void aWindowMayReachOverMidnight(String instant, boolean holds) {
        assertThat(holds("'windows':[{'hours_utc':'22:30-02:15'}]", instant)).isEqualTo(holds);
        assertThat(holds("'hours_utc':'22:30-02:15'", instant))
                .as("beside the prices")
                .isEqualTo(holds);
    }

    /** Each half of it is of the weekday that it then is, not of the one when it began. */
    @ParameterizedTest
    @CsvSource({
        "2026-08-27T23:00:00Z, false",
        "2026-08-28T00:00:00Z, true",
        "2026-08-28T22:30:00Z, true",
        "2026-08-29T00:00:00Z, false",
    })
    void theWeekdayIsThatOfTheMoment(String instant, boolean holds) {
        assertThat(holds("'windows':[{'hours_utc':['22:30-02:15'],'weekdays':[5]}]", instant))
                .isEqualTo(holds);
        assertThat(holds("'hours_utc':'22:30-02:15','weekdays':[5]", instant))
                .as("beside the prices")
                .isEqualTo(holds);
    }

    /** In Shanghai it is eight hours later. */
    @ParameterizedTest
    @CsvSource({
        "2026-08-28T15:59:59.999Z, false, false",
        "2026-08-28T16:00:00Z, true, false",
        "2026-08-29T00:00:00Z, true, true",
        "2026-08-30T15:59:59.999Z, true, true",
        "2026-08-30T16:00:00Z, false, true",
        "2026-08-31T00:00:00Z, false, false",
    })
    void weekdaysMayBeThoseOfAnotherPlace(String instant, boolean there, boolean here) {
        String weekend = "'windows':[{'hours_utc':'00:00-00:00','weekdays':[6,7]}]";
        assertThat(holds("'weekday_timezone':'Asia/Shanghai'," + weekend, instant))
                .isEqualTo(there);
        assertThat(holds(weekend, instant)).isEqualTo(here);
    }

    /** Cheap prices at the wrong hour are worse than none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "'10:00-11:00'",
                "{'input_cost_per_token':1e-7}",
                "{'hours_utc':'10:00-11:00'}",
                "{'input_cost_per_token':1e-7,'windows':[]}",
                "{'input_cost_per_token':1e-7,'windows':'10:00-11:00'}",
                "{'input_cost_per_token':1e-7,'windows':['10:00-11:00']}",
                "{'input_cost_per_token':1e-7,'windows':[{}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'weekdays':[1]}]}",
                "{'input_cost_per_token':1e-7,'weekdays':[1],'windows':[{'hours_utc':'10:00-11:00'}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':[]}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':10}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':['10:00-11:00',12]}]}",
                "{'input_cost_per_token':1e-7,'hours_utc':'1:00-2:00'}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00'}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00-24:00'}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:60-11:00'}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00-10:00'}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00'},{'hours_utc':'soon'}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','weekdays':[]}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','weekdays':[0]}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','weekdays':[8]}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','weekdays':['sat']}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','weekdays':6}]}",
                "{'input_cost_per_token':1e-7,'windows':[{'hours_utc':'10:00-11:00','months':[1]}]}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00-11:00','weekday_timezone':'Nowhere/Land'}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00-11:00','weekday_timezone':8}",
                "{'input_cost_per_token':1e-7,'hours_utc':'10:00-11:00','until':'2027-01-01'}",
                "{'input_cost_per_token':'cheap','hours_utc':'10:00-11:00'}",
                "{'input_cost_per_token':null,'hours_utc':'10:00-11:00'}",
                "{'input_cost_per_token':-1e-7,'hours_utc':'10:00-11:00'}",
            })
    void whatCannotBeReadToItsEndIsNoOffPeakPrice(String text) {
        assertThat(OffPeak.read(text.replace('\'', '"'))).isNull();
    }

    @Test
    void aRowWithoutSuchAFieldHasNone() {
        assertThat(OffPeak.of(Map.of("input_cost_per_token", "1"))).isNull();
        assertThat(OffPeak.of(Map.of(OffPeak.FIELD, "{\"input_cost_per_token\":1e-7,\"hours_utc\":\"10:00-11:00\"}")))
                .isNotNull()
                .satisfies(read -> assertThat(read.prices())
                        .containsExactly(Map.entry("input_cost_per_token", new BigDecimal("1E-7"))));
    }

    @Property
    void aWindowAndTheOneBetweenItsEndAndItsBeginMakeADay(
            @ForAll @IntRange(max = MINUTES_A_DAY - 1) int one,
            @ForAll @IntRange(max = MINUTES_A_DAY - 1) int other,
            @ForAll @LongRange(max = 4_000_000_000_000L) long millis) {
        if (one == other) {
            return;
        }
        Instant instant = Instant.ofEpochMilli(millis);
        boolean inside = offPeak("'hours_utc':'" + span(one, other) + "'").at(instant);
        boolean outside = offPeak("'hours_utc':'" + span(other, one) + "'").at(instant);
        assertThat(inside).isNotEqualTo(outside);
        Duration since =
                Duration.between(time(one), instant.atZone(ZoneOffset.UTC).toLocalTime());
        int length = Math.floorMod(other - one, MINUTES_A_DAY);
        assertThat(inside).isEqualTo(Math.floorMod(since.toMillis(), MINUTES_A_DAY * 60_000L) < length * 60_000L);
    }

    private static LocalTime time(int minute) {
        return LocalTime.of(minute / 60, minute % 60);
    }

    private static String span(int from, int until) {
        return time(from) + "-" + time(until);
    }
}
