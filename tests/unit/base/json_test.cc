#include "base/json.h"

#include <gmock/gmock.h>

#include <limits>
#include <utility>

#include "support/status_matchers.h"

namespace enrich::json {
namespace {

using ::testing::ElementsAre;

Document Parsed(absl::string_view text) {
  absl::StatusOr<Document> document = Document::Parse(text);
  EXPECT_THAT(document, IsOk()) << text;
  return *std::move(document);
}

TEST(Document, ParsesEveryType) {
  const Document document = Parsed(
      R"( {"null":null,"yes":true,"no":false,"n":12,"s":"x","a":[1],"o":{}} )");
  const Value root = document.root();
  EXPECT_EQ(root.type(), Type::kObject);
  EXPECT_EQ(root.size(), 7u);
  EXPECT_EQ(root["null"].type(), Type::kNull);
  EXPECT_TRUE(root["null"].null());
  EXPECT_FALSE(root["null"].missing());
  EXPECT_EQ(root["yes"].AsBool(), true);
  EXPECT_EQ(root["no"].AsBool(), false);
  EXPECT_EQ(root["n"].AsInt(), 12);
  EXPECT_EQ(root["s"].AsString(), "x");
  EXPECT_TRUE(root["a"].is_array());
  EXPECT_EQ(root["a"].at(0).AsInt(), 1);
  EXPECT_TRUE(root["o"].is_object());
  EXPECT_EQ(root["o"].size(), 0u);
}

TEST(Document, ParsesBareScalars) {
  EXPECT_EQ(Parsed("7").root().AsInt(), 7);
  EXPECT_EQ(Parsed("-7").root().AsInt(), -7);
  EXPECT_EQ(Parsed("\"x\"").root().AsString(), "x");
  EXPECT_EQ(Parsed("\"\"").root().AsString(), "");
  EXPECT_TRUE(Parsed("null").root().null());
}

TEST(Document, KeepsItsValuesWhenMoved) {
  Document first = Parsed(R"({"key":"value"})");
  const Value value = first.root()["key"];
  const Document second = std::move(first);
  EXPECT_EQ(value.AsString(), "value");
  EXPECT_EQ(second.root()["key"].AsString(), "value");
}

TEST(Document, DoesNotPointIntoTheParsedText) {
  std::string text = R"({"key":"value"})";
  const Document document = Parsed(text);
  text.assign(text.size(), 'x');
  EXPECT_EQ(document.root()["key"].AsString(), "value");
}

TEST(Value, UnescapesStringsAndKeys) {
  const Document document =
      Parsed(R"({"a\"b":"\u00e9\n\t\\\/\ud83d\ude00\"","c":"d"})");
  EXPECT_EQ(document.root()["a\"b"].AsString(), "\u00E9\n\t\\/\U0001F600\"");
  EXPECT_EQ(document.root()["c"].AsString(), "d");
}

TEST(Value, WalksPathsThatAreNotThere) {
  const Document document = Parsed(R"({"a":[{"b":1}],"s":"text"})");
  const Value root = document.root();
  EXPECT_EQ(root["a"].at(0)["b"].AsInt(), 1);
  const Value missing = root["x"].at(3)["y"]["z"];
  EXPECT_TRUE(missing.missing());
  EXPECT_TRUE(missing.null());
  EXPECT_EQ(missing.type(), Type::kNull);
  EXPECT_EQ(missing.size(), 0u);
  EXPECT_EQ(missing.AsString(), "");
  EXPECT_EQ(missing.AsText(), "");
  EXPECT_EQ(missing.AsBool(), std::nullopt);
  EXPECT_EQ(missing.AsInt(), std::nullopt);
  EXPECT_EQ(missing.AsDouble(), std::nullopt);
  EXPECT_EQ(missing.key(), "");
  EXPECT_EQ(missing.begin(), missing.end());
  EXPECT_EQ(missing.ToJson(), "null");
  EXPECT_TRUE(root["a"].at(1).missing());
  EXPECT_TRUE(root["a"]["b"].missing());
  EXPECT_TRUE(root.at(0).missing());
  EXPECT_TRUE(root["s"]["t"].missing());
}

TEST(Value, AnswersNothingForAnotherType) {
  const Document document = Parsed(R"({"n":1,"s":"2","b":true,"a":[]})");
  const Value root = document.root();
  EXPECT_EQ(root["n"].AsString(), "");
  EXPECT_EQ(root["n"].AsBool(), std::nullopt);
  EXPECT_EQ(root["s"].AsInt(), std::nullopt);
  EXPECT_EQ(root["s"].AsDouble(), std::nullopt);
  EXPECT_EQ(root["b"].AsInt(), std::nullopt);
  EXPECT_EQ(root["b"].AsText(), "");
  EXPECT_EQ(root["b"].size(), 0u);
  EXPECT_EQ(root["s"].size(), 0u);
  EXPECT_EQ(root["a"].AsText(), "");
  for (const absl::string_view scalar : {"n", "s", "b"}) {
    EXPECT_EQ(root[scalar].begin(), root[scalar].end());
  }
}

TEST(Value, ReadsIdsSentEitherWay) {
  const Document document = Parsed(R"({"a":123,"b":"123"})");
  EXPECT_EQ(document.root()["a"].AsText(), "123");
  EXPECT_EQ(document.root()["b"].AsText(), "123");
}

TEST(Value, IteratesElementsInOrder) {
  const Document document = Parsed(R"([1,[2,[3]],{"a":4},5])");
  std::vector<std::string> elements;
  for (const Value element : document.root()) {
    elements.push_back(element.ToJson());
  }
  EXPECT_THAT(elements, ElementsAre("1", "[2,[3]]", R"({"a":4})", "5"));
}

TEST(Value, IteratesMembersWithTheirKeys) {
  const Document document = Parsed(R"({"a":{"x":1},"b":[2],"":3})");
  std::vector<std::string> members;
  for (const Value member : document.root()) {
    members.push_back(std::string(member.key()) + "=" + member.ToJson());
  }
  EXPECT_THAT(members, ElementsAre(R"(a={"x":1})", "b=[2]", "=3"));
  EXPECT_EQ(document.root()["b"].at(0).key(), "");
  EXPECT_EQ(document.root()[""].AsInt(), 3);
}

TEST(Value, AsIntTakesIntegersThatFit) {
  const std::pair<absl::string_view, std::optional<int64_t>> kCases[] = {
      {"0", 0},
      {"-0", 0},
      {"42", 42},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"18446744073709551616", std::nullopt},
      {"1.0", std::nullopt},
      {"1e3", std::nullopt},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(Parsed(text).root().AsInt(), expected) << text;
  }
}

TEST(Value, AsDoubleTakesFiniteNumbers) {
  const std::pair<absl::string_view, double> kCases[] = {
      {"0", 0},
      {"-1.5", -1.5},
      {"0.25", 0.25},
      {"1e3", 1000},
      {"18446744073709551616", 18446744073709551616.0},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"1e-400", 0},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(Parsed(text).root().AsDouble(), expected) << text;
  }
}

TEST(Value, ToJsonIsCompactAndKeepsSpellings) {
  const std::string text =
      R"({"a":[1,2.50,-0,1E+2,true,false,null,"q\"\\\n"],"b":{"c":{},"d":[]}})";
  EXPECT_EQ(Parsed(text).root().ToJson(), text);
  EXPECT_EQ(Parsed(" [ 1 , { \"k\" : [ ] } ] ").root().ToJson(),
            R"([1,{"k":[]}])");
  EXPECT_EQ(Parsed(text).root()["b"].ToJson(), R"({"c":{},"d":[]})");
  EXPECT_EQ(Parsed(text).root()["b"]["c"].ToJson(), "{}");
}

TEST(Writer, WritesEveryType) {
  Writer writer;
  writer.StartObject()
      .Member("text", "q\"\\\n\u00E9")
      .Key("list")
      .StartArray()
      .Int(-1)
      .Int(std::numeric_limits<int64_t>::max())
      .Double(0.5)
      .Bool(true)
      .Bool(false)
      .Null()
      .String("")
      .String({})
      .EndArray()
      .Key("raw")
      .Raw(R"({"x":[1]})")
      .MemberIfSet("left_out", "")
      .MemberIfSet("kept", "y")
      .EndObject();
  EXPECT_EQ(writer.Take(),
            R"({"text":"q\"\\\n)"
            "\u00E9"
            R"(","list":[-1,9223372036854775807,0.5,true,false,null,"",""],)"
            R"("raw":{"x":[1]},"kept":"y"})");
}

TEST(Writer, CopiesValuesOfADocument) {
  const Document document = Parsed(R"({"a":[1.50,{"b":"x"}],"c":null})");
  Writer writer;
  writer.StartArray();
  writer.Copy(document.root()["a"]).Copy(document.root()["c"]);
  writer.Copy(document.root()["a"].at(0)).Copy(document.root()["missing"]);
  writer.EndArray();
  EXPECT_EQ(writer.Take(), R"([[1.50,{"b":"x"}],null,1.50,null])");
}

TEST(Writer, TellsWhatItHasWritten) {
  Writer writer;
  EXPECT_EQ(writer.size(), 0u);
  writer.StartArray().Int(12);
  EXPECT_EQ(writer.size(), 3u);
}

TEST(Number, IsSpeltAsJsonSpellsIt) {
  for (const absl::string_view text :
       {"0", "-0", "7", "10", "-12.50", "0.0", "1e5", "1E+05", "2.5e-3"}) {
    EXPECT_TRUE(IsNumber(text)) << text;
  }
  for (const absl::string_view text :
       {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", " 1", "1 ", "1,5",
        "inf", "nan", "--1", "1.2.3"}) {
    EXPECT_FALSE(IsNumber(text)) << text;
  }
}

TEST(Number, IsParsedFromItsSpelling) {
  EXPECT_EQ(ParseInt("-9223372036854775808"),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseInt("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseInt("1.0"), std::nullopt);
  EXPECT_EQ(ParseInt("1e2"), std::nullopt);
  EXPECT_EQ(ParseDouble("1e2"), 100.0);
  EXPECT_EQ(ParseDouble("1e-999"), 0.0);
  EXPECT_EQ(ParseDouble("1e999"), std::nullopt);
}

TEST(Writer, IsEmptyAfterTake) {
  Writer writer;
  EXPECT_EQ(writer.Take(), "");
  EXPECT_EQ(writer.StartArray().EndArray().Take(), "[]");
  EXPECT_EQ(writer.StartObject().EndObject().Take(), "{}");
  EXPECT_EQ(writer.Take(), "");
}

TEST(Writer, WritesNullForWhatJsonCannotSay) {
  Writer writer;
  writer.StartArray()
      .Double(std::numeric_limits<double>::infinity())
      .Double(std::numeric_limits<double>::quiet_NaN())
      .EndArray();
  EXPECT_EQ(writer.Take(), "[null,null]");
}

TEST(Writer, EscapesNulAndControlCharacters) {
  Writer writer;
  writer.String(absl::string_view("a\0b\x1F", 4));
  EXPECT_EQ(writer.Take(), R"("a\u0000b\u001F")");
}

TEST(Writer, SurvivesBytesThatAreNotUtf8) {
  Writer writer;
  writer.StartObject().Member("\xFF", "\xED\xB0\x80\xC3").EndObject();
  EXPECT_FALSE(writer.Take().empty());
}

}  // namespace
}  // namespace enrich::json
