#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/result_columns.h"
#include "cli/row_reader.h"
#include "cli/row_writer.h"
#include "support/status_matchers.h"

namespace enrich::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr v1::ContactField kEmail = v1::CONTACT_FIELD_WORK_EMAIL;
constexpr v1::ContactField kPhone = v1::CONTACT_FIELD_PHONE;

absl::StatusOr<std::vector<Row>> ReadAll(const std::string& text,
                                         FileFormat format) {
  std::istringstream in(text);
  auto reader = OpenRows(in, {.format = format});
  if (!reader.ok()) return reader.status();
  std::vector<Row> rows;
  Row row;
  while (true) {
    const absl::StatusOr<bool> found = (*reader)->Next(row);
    if (!found.ok()) return found.status();
    if (!*found) return rows;
    rows.push_back(row);
  }
}

v1::ContactResult FoundEmailButNoPhone() {
  v1::ContactResult result;
  v1::FieldResult& email = *result.add_fields();
  email.set_field(kEmail);
  email.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  email.set_provider("acme");
  email.add_emails()->set_address("ada@example.com");
  email.mutable_emails(0)->set_quality(v1::EMAIL_QUALITY_CATCH_ALL);
  email.add_attempts()->set_provider("acme");
  email.mutable_attempts(0)->set_millicredits(1500);
  v1::FieldResult& phone = *result.add_fields();
  phone.set_field(kPhone);
  phone.set_outcome(v1::LOOKUP_OUTCOME_FAILED);
  phone.add_attempts()->set_provider("other");
  phone.mutable_attempts(0)->mutable_error()->set_reason("OUT_OF_CREDITS");
  return result;
}

// What a row of `text` becomes, header first.
absl::StatusOr<std::string> Written(const std::string& text, FileFormat in,
                                    FileFormat out) {
  std::istringstream stream(text);
  auto reader = OpenRows(stream, {.format = in});
  if (!reader.ok()) return reader.status();
  auto writer =
      RowWriter::Create(**reader, in, {kEmail, kPhone}, {.format = out});
  if (!writer.ok()) return writer.status();
  std::string written;
  writer->AppendHeader(written);
  Row row;
  while (*(*reader)->Next(row)) {
    writer->AppendRow(row, FoundEmailButNoPhone(), written);
  }
  return written;
}

TEST(RowReader, NumbersContactsAndPassesCellsThrough) {
  ASSERT_OK_AND_ASSIGN(
      const auto rows,
      ReadAll("Name,Company,Colour\nAda Doe,Acme,red\nBo Roe,Brand\n",
              FileFormat::kCsv));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].contact.contact_ref(), "1");
  EXPECT_EQ(rows[0].contact.full_name(), "Ada Doe");
  EXPECT_THAT(rows[0].cells, ElementsAre("Ada Doe", "Acme", "red"));
  EXPECT_THAT(rows[1].cells, ElementsAre("Bo Roe", "Brand", ""));
}

TEST(RowReader, ReadsJsonLinesWhoseMembersDiffer) {
  ASSERT_OK_AND_ASSIGN(
      const auto rows,
      ReadAll("{\"firstName\":\"Ada\",\"lastName\":\"Doe\",\"domain\":"
              "\"acme.example\",\"age\":30}\n\n{\"LinkedIn\":\"x\","
              "\"tags\":[1]}",
              FileFormat::kJsonLines));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].contact.first_name(), "Ada");
  EXPECT_EQ(rows[0].contact.company_domain(), "acme.example");
  EXPECT_EQ(rows[1].contact.linkedin_url(), "x");
  EXPECT_EQ(rows[1].contact.contact_ref(), "2");
}

TEST(RowReader, NamesTheLineOfABadRow) {
  struct Case {
    FileFormat format;
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {FileFormat::kCsv, "", "line 1: the input is empty"},
      {FileFormat::kCsv, "a,b\n", "line 1: the columns identify nobody"},
      {FileFormat::kCsv, "linkedin\nx\ny,z\n", "line 3: the row has 2 cells"},
      {FileFormat::kCsv, "linkedin\n\xE9\n", "line 2: the text is not UTF-8"},
      {FileFormat::kJsonLines, "{\"name\":\"a\"}\n{", "line 2: "},
      {FileFormat::kJsonLines, "\n[]\n", "line 2: a JSON object"},
      {FileFormat::kJsonLines, "{\"enrichment\":1}", "line 1: "},
  };
  for (const Case& c : cases) {
    const auto rows = ReadAll(c.text, c.format);
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument)) << c.text;
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr(c.message));
  }
}

TEST(FormatOfPath, GoesByTheEnd) {
  EXPECT_EQ(FormatOfPath("a.csv"), FileFormat::kCsv);
  EXPECT_EQ(FormatOfPath("-"), FileFormat::kCsv);
  EXPECT_EQ(FormatOfPath("a.JSONL"), FileFormat::kJsonLines);
  EXPECT_EQ(FormatOfPath("a.ndjson"), FileFormat::kJsonLines);
}

TEST(RowWriter, WritesOriginalColumnsFirst) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       Written("name;company;colour\nAda Doe;Acme;red\n",
                               FileFormat::kCsv, FileFormat::kCsv));
  EXPECT_EQ(text,
            "name;company;colour;work_email;work_email_quality;"
            "work_email_status;work_email_provider;phone;phone_line_type;"
            "phone_status;phone_provider;credits;reason\n"
            "Ada Doe;Acme;red;ada@example.com;catch_all;found;acme;;;failed;;"
            "1.5;other: OUT_OF_CREDITS\n");
}

TEST(RowWriter, PrefixesColumnsThatTheInputHas) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      Written("linkedin,phone\n", FileFormat::kCsv, FileFormat::kCsv));
  EXPECT_THAT(text, HasSubstr(",enriched_phone,phone_line_type,"));
  EXPECT_THAT(Written("linkedin,phone,enriched_phone\n", FileFormat::kCsv,
                      FileFormat::kCsv),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RowWriter, AddsOneMemberToJsonObjects) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      Written("{\"name\":\"Ada Doe\",\"n\":1.0,\"tags\":[1]}\n",
              FileFormat::kJsonLines, FileFormat::kJsonLines));
  EXPECT_THAT(text, HasSubstr("\"tags\":[1],\"enrichment\":{\"work_email\":"
                              "\"ada@example.com\",\"work_email_quality\":"
                              "\"catch_all\",\"work_email_status\":\"found\""));
}

TEST(RowWriter, WritesCsvRowsAsJson) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       Written("linkedin,x\nu,\"q\"\"\"\n", FileFormat::kCsv,
                               FileFormat::kJsonLines));
  EXPECT_THAT(text, HasSubstr("{\"linkedin\":\"u\",\"x\":\"q\\\"\","
                              "\"enrichment\":{"));
  EXPECT_THAT(
      Written("linkedin,linkedin\n", FileFormat::kCsv, FileFormat::kJsonLines),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RowWriter, RefusesCsvForJsonLines) {
  EXPECT_THAT(Written("{}", FileFormat::kJsonLines, FileFormat::kCsv),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FormatCredits, LeavesOutNeedlessZeros) {
  EXPECT_EQ(FormatCredits(0), "0");
  EXPECT_EQ(FormatCredits(1000), "1");
  EXPECT_EQ(FormatCredits(1500), "1.5");
  EXPECT_EQ(FormatCredits(25), "0.025");
  EXPECT_EQ(FormatCredits(-1500), "-1.5");
}

TEST(BestValue, GivesNoAddressThatWasNotGoodEnough) {
  v1::FieldResult field = FoundEmailButNoPhone().fields(0);
  field.set_outcome(v1::LOOKUP_OUTCOME_NOT_FOUND);
  EXPECT_EQ(BestValue(field), "");
}

TEST(BestValue, FallsBackToTheProvidersSpelling) {
  v1::FieldResult field;
  field.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  field.add_phones()->set_provider_spelling("0199 ext 3");
  EXPECT_EQ(BestValue(field), "0199 ext 3");
  field.mutable_phones(0)->set_e164("+33199000001");
  EXPECT_EQ(BestValue(field), "+33199000001");
}

}  // namespace
}  // namespace enrich::cli
