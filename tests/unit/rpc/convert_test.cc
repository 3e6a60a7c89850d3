#include "rpc/convert.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "model/errors.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int64_t kLimit = 3;

constexpr char kValid[] = R"pb(
  request_id: "req-1"
  fields: CONTACT_FIELD_WORK_EMAIL
  contacts {
    contact_ref: "c1"
    first_name: "Ada"
    last_name: "Example"
    company_domain: "acme.com"
  }
)pb";

v1::EnrichBatchRequest Parse(const std::string& text) {
  v1::EnrichBatchRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request))
      << text;
  return request;
}

absl::StatusOr<BatchRequest> Convert(v1::EnrichBatchRequest request) {
  return BatchRequestFromProto("acme", kLimit, request);
}

absl::StatusOr<BatchRequest> Convert(const std::string& text) {
  return Convert(Parse(text));
}

std::string ReasonOf(const absl::StatusOr<BatchRequest>& request) {
  EXPECT_THAT(request, StatusIs(absl::StatusCode::kInvalidArgument));
  const auto details = DetailsOf(request.status());
  return details ? details->reason : "";
}

std::vector<std::string> FieldsOf(const absl::StatusOr<BatchRequest>& request) {
  std::vector<std::string> fields;
  if (const auto details = DetailsOf(request.status())) {
    for (const auto& [field, _] : details->field_violations) {
      fields.push_back(field);
    }
  }
  return fields;
}

std::vector<std::string> FieldsOf(const std::vector<Violation>& violations) {
  std::vector<std::string> fields;
  for (const Violation& violation : violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(BatchRequestFromProto, TakesOverAWholeRequest) {
  ASSERT_OK_AND_ASSIGN(
      const BatchRequest request, Convert(R"pb(
        request_id: "req-1"
        display_name: "Spring list"
        fields: CONTACT_FIELD_PHONE
        fields: CONTACT_FIELD_WORK_EMAIL
        fields: CONTACT_FIELD_PHONE
        min_email_quality: EMAIL_QUALITY_DELIVERABLE
        providers: "enrow"
        providers: "fullenrich"
        include_raw_items: true
        bypass_cache: true
        contacts {
          contact_ref: " c1 "
          full_name: "Ada Example"
          company_domain: "https://www.Acme.com/about"
          custom { key: "b" value: "2" }
          custom { key: "a" value: "1" }
        }
        contacts {
          contact_ref: "c2"
          linkedin_url: "https://fr.linkedin.com/in/ada-example?trk=x"
          fields: CONTACT_FIELD_PERSONAL_EMAIL
        }
      )pb"));
  EXPECT_EQ(request.tenant, "acme");
  EXPECT_EQ(request.request_id, "req-1");
  EXPECT_EQ(request.display_name, "Spring list");
  EXPECT_EQ(request.min_email_quality, EmailQuality::kDeliverable);
  EXPECT_THAT(request.providers, ElementsAre("enrow", "fullenrich"));
  EXPECT_TRUE(request.include_raw_items);
  EXPECT_TRUE(request.bypass_cache);
  EXPECT_THAT(request.content_hash, SizeIs(32));
  ASSERT_THAT(request.contacts, SizeIs(2));
  const Contact& first = request.contacts[0].contact;
  EXPECT_EQ(first.contact_ref, "c1");
  EXPECT_EQ(first.company_domain, "acme.com");
  EXPECT_THAT(first.fields,
              ElementsAre(ContactField::kPhone, ContactField::kWorkEmail));
  EXPECT_THAT(first.custom, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  const Contact& second = request.contacts[1].contact;
  EXPECT_EQ(second.linkedin_url, "https://www.linkedin.com/in/ada-example");
  EXPECT_THAT(second.fields, ElementsAre(ContactField::kPersonalEmail));
}

TEST(BatchRequestFromProto, MissingQualityMeansCatchAll) {
  ASSERT_OK_AND_ASSIGN(const BatchRequest request, Convert(kValid));
  EXPECT_EQ(request.min_email_quality, EmailQuality::kCatchAll);
}

TEST(BatchRequestFromProto, RefusesARequestThatBreaksARule) {
  const std::string long_name(201, 'n');
  const std::string long_id(129, 'i');
  const struct {
    // Merged into a valid request.
    std::string change;
    std::vector<std::string> fields;
  } kCases[] = {
      {R"pb(request_id: "")pb", {"request_id"}},
      {absl::StrCat("request_id: '", long_id, "'"), {"request_id"}},
      {R"pb(request_id: "with\ttab")pb", {"request_id"}},
      {R"pb(request_id: "caf\303\251")pb", {"request_id"}},
      {absl::StrCat("display_name: '", long_name, "'"), {"display_name"}},
      {R"pb(display_name: "a\nb")pb", {"display_name"}},
      {"fields: CONTACT_FIELD_UNSPECIFIED", {"fields[1]"}},
      {"fields: 77", {"fields[1]"}},
      {"min_email_quality: EMAIL_QUALITY_UNKNOWN", {"min_email_quality"}},
      {"min_email_quality: EMAIL_QUALITY_INVALID", {"min_email_quality"}},
      {"min_email_quality: 99", {"min_email_quality"}},
      {R"pb(contacts { contact_ref: "c2" fields: 0 })pb",
       {"contacts[1].fields[0]"}},
      {R"pb(contacts {
              contact_ref: "c2"
              fields: CONTACT_FIELD_PHONE
              fields: 42
            })pb",
       {"contacts[1].fields[1]"}},
      {R"pb(request_id: "" display_name: "a\nb")pb",
       {"request_id", "display_name"}},
  };
  for (const auto& c : kCases) {
    v1::EnrichBatchRequest request = Parse(kValid);
    v1::EnrichBatchRequest change = Parse(c.change);
    // An empty string merges to nothing.
    if (c.change.find("request_id: \"\"") != std::string::npos) {
      request.clear_request_id();
    }
    request.MergeFrom(change);
    const auto converted = Convert(std::move(request));
    EXPECT_EQ(ReasonOf(converted), "INVALID_REQUEST") << c.change;
    EXPECT_EQ(FieldsOf(converted), c.fields) << c.change;
  }
}

TEST(BatchRequestFromProto, TakesTheLongestNamesAllowed) {
  v1::EnrichBatchRequest request = Parse(kValid);
  request.set_request_id(std::string(128, '~'));
  request.set_display_name(std::string(200, 'n'));
  EXPECT_THAT(Convert(std::move(request)), IsOk());
}

TEST(BatchRequestFromProto, RefusesAnEmptyBatch) {
  EXPECT_EQ(ReasonOf(Convert(R"pb(request_id: "req-1")pb")), "BATCH_EMPTY");
}

TEST(BatchRequestFromProto, RefusesTooManyContacts) {
  v1::EnrichBatchRequest request = Parse(kValid);
  for (int i = 1; i <= kLimit; ++i) {
    v1::Contact contact = request.contacts(0);
    contact.set_contact_ref(absl::StrCat("more-", i));
    *request.add_contacts() = contact;
  }
  const auto converted = Convert(std::move(request));
  EXPECT_EQ(ReasonOf(converted), "BATCH_TOO_LARGE");
  EXPECT_NE(converted.status().message().find("3"), absl::string_view::npos);
}

TEST(BatchRequestFromProto, RefusesARepeatedRefNamingBoth) {
  v1::EnrichBatchRequest request = Parse(kValid);
  *request.add_contacts() = request.contacts(0);
  request.mutable_contacts(1)->set_contact_ref("c1 ");
  const auto converted = Convert(std::move(request));
  EXPECT_EQ(ReasonOf(converted), "DUPLICATE_CONTACT_REF");
  EXPECT_NE(converted.status().message().find("contacts[0]"),
            absl::string_view::npos)
      << converted.status();
  EXPECT_NE(converted.status().message().find("contacts[1]"),
            absl::string_view::npos)
      << converted.status();
}

TEST(BatchRequestFromProto, FieldsMustComeFromTheBatchOrTheContact) {
  v1::EnrichBatchRequest request = Parse(kValid);
  request.clear_fields();
  const auto converted = Convert(request);
  EXPECT_EQ(ReasonOf(converted), "INVALID_REQUEST");
  EXPECT_THAT(FieldsOf(converted), ElementsAre("contacts[0].fields"));
  request.mutable_contacts(0)->add_fields(v1::CONTACT_FIELD_PHONE);
  EXPECT_THAT(Convert(request), IsOk());
}

TEST(BatchRequestFromProto, ABadContactDoesNotSinkTheBatch) {
  const struct {
    const char* contact;
    const char* field;
  } kCases[] = {
      {R"pb(full_name: "Bo Example" company_domain: "acme.com")pb",
       "contact_ref"},
      {R"pb(contact_ref: "x" company_domain: "acme.com")pb", "linkedin_url"},
      {R"pb(contact_ref: "x"
            full_name: "Bo Example"
            first_name: "Bo"
            last_name: "Example"
            company_domain: "acme.com")pb",
       "full_name"},
      {R"pb(contact_ref: "x" full_name: "Bo Example")pb", "company_domain"},
      {R"pb(contact_ref: "x"
            full_name: "Bo\001Example"
            company_domain: "acme.com")pb",
       "full_name"},
      {R"pb(contact_ref: "x"
            full_name: "Bo Example"
            company_domain: "not a domain")pb",
       "company_domain"},
      {R"pb(contact_ref: "x" linkedin_url: "https://example.com/in/bo")pb",
       "linkedin_url"},
  };
  for (const auto& c : kCases) {
    v1::EnrichBatchRequest request = Parse(kValid);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        c.contact, request.add_contacts()));
    ASSERT_OK_AND_ASSIGN(const BatchRequest converted,
                         Convert(std::move(request)));
    EXPECT_THAT(converted.contacts[0].violations, IsEmpty());
    EXPECT_THAT(FieldsOf(converted.contacts[1].violations),
                ElementsAre(c.field))
        << c.contact;
    EXPECT_THAT(converted.contacts[1].contact.fields,
                ElementsAre(ContactField::kWorkEmail));
  }
}

TEST(BatchRequestFromProto, OversizeCustomDataIsAViolation) {
  v1::EnrichBatchRequest request = Parse(kValid);
  v1::Contact& contact = *request.add_contacts();
  contact = request.contacts(0);
  contact.set_contact_ref("x");
  (*contact.mutable_custom())["note"] = std::string(513, 'v');
  ASSERT_OK_AND_ASSIGN(const BatchRequest converted,
                       Convert(std::move(request)));
  EXPECT_THAT(converted.contacts[1].violations, SizeIs(1));
}

TEST(BatchRequestFromProto, ABatchWithoutAValidContactIsRefused) {
  const auto converted = Convert(R"pb(
    request_id: "req-1"
    fields: CONTACT_FIELD_WORK_EMAIL
    contacts {
      contact_ref: "c1"
      full_name: "Ada Example"
      company_domain: "not a domain"
    }
    contacts { contact_ref: "c2" linkedin_url: "nonsense" }
  )pb");
  EXPECT_EQ(ReasonOf(converted), "INVALID_REQUEST");
  EXPECT_THAT(FieldsOf(converted), ElementsAre("contacts[0].company_domain",
                                               "contacts[1].linkedin_url"));
}

TEST(ContentHash, IsThatOfTheContentAlone) {
  v1::EnrichBatchRequest request = Parse(kValid);
  const std::string hash = ContentHash(request);
  EXPECT_EQ(request.request_id(), "req-1");
  request.set_request_id("another");
  request.set_validate_only(true);
  EXPECT_EQ(ContentHash(request), hash);
  EXPECT_TRUE(request.validate_only());
  request.mutable_contacts(0)->set_last_name("Sample");
  EXPECT_NE(ContentHash(request), hash);
}

TEST(ContentHash, DoesNotDependOnTheOrderOfMapEntries) {
  v1::EnrichBatchRequest forward = Parse(kValid);
  v1::EnrichBatchRequest backward = Parse(kValid);
  for (int i = 0; i < 20; ++i) {
    (*forward.mutable_contacts(0)->mutable_custom())[absl::StrCat(i)] = "v";
    (*backward.mutable_contacts(0)->mutable_custom())[absl::StrCat(19 - i)] =
        "v";
  }
  EXPECT_EQ(ContentHash(forward), ContentHash(backward));
}

TEST(BatchRequestFromProto, TakesCeilings) {
  v1::EnrichBatchRequest message = Parse(kValid);
  (*message.mutable_max_millicredits())["enrow"] = 2500;
  (*message.mutable_max_millicredits())["acme"] = 0;
  message.set_max_cost_micros(7'000'000);
  const std::string hash = ContentHash(message);
  const auto request = Convert(message);
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(
      request->ceilings.credits,
      ElementsAre(Pair("acme", Credits()), Pair("enrow", Credits{2500})));
  EXPECT_EQ(request->ceilings.cost_micros, 7'000'000);
  v1::EnrichBatchRequest plain = Parse(kValid);
  EXPECT_NE(hash, ContentHash(plain)) << "another ceiling, another request";
}

TEST(BatchRequestFromProto, WithoutCeilingsThereAreNone) {
  const auto request = Convert(kValid);
  ASSERT_THAT(request, IsOk());
  EXPECT_TRUE(request->ceilings.empty());
}

TEST(BatchRequestFromProto, RefusesNegativeCeilings) {
  v1::EnrichBatchRequest message = Parse(kValid);
  (*message.mutable_max_millicredits())["enrow"] = -1;
  message.set_max_cost_micros(-1);
  EXPECT_THAT(FieldsOf(Convert(message)),
              ElementsAre("max_millicredits[\"enrow\"]", "max_cost_micros"));
}

}  // namespace
}  // namespace enrich
