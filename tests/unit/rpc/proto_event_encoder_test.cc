#include "rpc/proto_event_encoder.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "enrich/v1/result.pb.h"
#include "model/event_frame.h"
#include "support/golden.h"

namespace enrich {
namespace {

std::string TextOf(const std::string& bytes) {
  v1::ResultEvent event;
  EXPECT_TRUE(event.ParseFromString(bytes));
  std::string text;
  google::protobuf::TextFormat::PrintToString(event, &text);
  return text;
}

ContactProgress FullProgress() {
  const absl::Time start = absl::FromUnixMillis(1'790'000'000'250);
  return {
      .fields = {{.field = ContactField::kWorkEmail,
                  .outcome = Outcome::kFound,
                  .emails = {{.address = "ada@acme.example",
                              .quality = EmailQuality::kHighProbability}},
                  .provider = "enrow",
                  .attempts = {{.provider = "fullenrich",
                                .outcome = Outcome::kFailed,
                                .start_time = start,
                                .duration = absl::Milliseconds(1500),
                                .error_reason = "PROVIDER_UNAVAILABLE",
                                .error_message = "HTTP 503",
                                .decision = "next provider"},
                               {.provider = "enrow",
                                .outcome = Outcome::kFound,
                                .start_time = start + absl::Seconds(2),
                                .duration = absl::Seconds(3),
                                .credits = Credits{250},
                                .decision = "good enough"},
                               {.provider = "pronto",
                                .outcome = Outcome::kNotFound,
                                .start_time = start + absl::Seconds(6),
                                .decision = "from the cache",
                                .cached_from = start - absl::Hours(1),
                                .saved = Credits{100}}}},
                 {.field = ContactField::kPhone,
                  .outcome = Outcome::kFound,
                  .phones = {{.e164 = "+33123456789",
                              .region = "FR",
                              .line_type = LineType::kMobile,
                              .provider_spelling = "01 23 45 67 89"}},
                  .provider = "enrow"},
                 {.field = ContactField::kPersonalEmail,
                  .outcome = Outcome::kSkipped,
                  .explanation = "no provider looks this up"}},
      .profile = {.full_name = "Ada Example",
                  .job_title = "Engineer",
                  .location = "Paris, France",
                  .linkedin_url = "https://www.linkedin.com/in/ada-example",
                  .company_name = "Acme",
                  .company_domain = "acme.example",
                  .company_industry = "Tools",
                  .company_headcount = 42,
                  .provider = "enrow"},
      .raw_items = {{"enrow", R"({"k":1})"}},
  };
}

TEST(ProtoEventEncoder, EncodesAContactsResultWithItsTrace) {
  const Contact contact{.contact_ref = "c1", .custom = {{"crm_id", "17"}}};
  ExpectGolden("rpc/contact_result.txtpb",
               TextOf(ProtoEventEncoder().EncodeContactResult(
                   "batch-1", absl::FromUnixSeconds(1'790'000'010), 3, contact,
                   FullProgress(), 5)));
}

TEST(ProtoEventEncoder, NothingOfOneEventIsLeftInTheNext) {
  const ProtoEventEncoder encoder;
  const Contact contact{.contact_ref = "c2"};
  const ContactProgress progress{.fields = {{.field = ContactField::kPhone,
                                             .outcome = Outcome::kNotFound}}};
  const auto encode = [&] {
    return encoder.EncodeContactResult("batch-1", absl::UnixEpoch(), 0, contact,
                                       progress, 0);
  };
  const std::string alone = encode();
  encoder.EncodeContactResult("batch-2", absl::UnixEpoch(), 1,
                              {.contact_ref = "c1", .custom = {{"k", "v"}}},
                              FullProgress(), 9);
  EXPECT_EQ(encode(), alone);
}

TEST(ProtoEventEncoder, EncodesALargeResult) {
  ContactProgress progress = FullProgress();
  progress.raw_items[0].second = std::string(100'000, 'x');
  v1::ResultEvent event;
  ASSERT_TRUE(event.ParseFromString(ProtoEventEncoder().EncodeContactResult(
      "batch-1", absl::UnixEpoch(), 0, {.contact_ref = "c1"}, progress, 0)));
  EXPECT_EQ(event.contact_result().raw_items().at("enrow").size(), 100'000u);
}

TEST(ProtoEventEncoder, EncodesTheEndOfABatch) {
  Batch batch{.id = "batch-1",
              .request_id = "req-1",
              .display_name = "Spring list",
              .state = BatchState::kFinished,
              .create_time = absl::FromUnixSeconds(1'790'000'000),
              .finish_time = absl::FromUnixSeconds(1'790'000'060)};
  batch.counters.contacts = 2;
  batch.counters.contacts_done = 2;
  batch.counters.of(Outcome::kFound) = 1;
  batch.counters.of(Outcome::kFailed) = 1;
  batch.counters.credits["enrow"] = Credits{250};
  batch.counters.saved["enrow"] = Credits{500};
  ExpectGolden("rpc/batch_finished.txtpb",
               TextOf(ProtoEventEncoder().EncodeBatchFinished(batch)));
}

TEST(ProtoEventEncoder, ReadsAgainWhatItWrote) {
  const ProtoEventEncoder encoder;
  const Contact contact{.contact_ref = "c1", .custom = {{"crm_id", "17"}}};
  for (const int64_t index : {0, 3, 300}) {
    std::string frames;
    AppendEventFrame(
        frames, {.revision = 7, .sequence = 2},
        encoder.EncodeContactResult("batch-1", absl::UnixEpoch(), index,
                                    contact, FullProgress(), 5));
    absl::string_view rest = frames;
    const auto frame = NextEventFrame(rest);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(encoder.ContactIndexOf(frame->message), index);
    const auto read = encoder.DecodeContactResult(frame->message);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(encoder.EncodeContactResult("batch-1", absl::UnixEpoch(), index,
                                          contact, *read, 5),
              encoder.EncodeContactResult("batch-1", absl::UnixEpoch(), index,
                                          contact, FullProgress(), 5));
  }
}

TEST(ProtoEventEncoder, ReadsNoResultWhereThereIsNone) {
  const ProtoEventEncoder encoder;
  for (const std::string& event :
       {encoder.EncodeBatchFinished({.id = "batch-1"}), std::string(),
        std::string("\x52"), std::string("\x52\x05\x12", 3)}) {
    EXPECT_FALSE(encoder.DecodeContactResult(event).ok());
  }
  EXPECT_EQ(
      encoder.ContactIndexOf(encoder.EncodeBatchFinished({.id = "batch-1"})),
      std::nullopt);
  EXPECT_EQ(encoder.ContactIndexOf(""), std::nullopt);
}

TEST(ProtoEventEncoder, ItsEventsBecomeWholeInAFrame) {
  std::string frames;
  AppendEventFrame(frames, {.revision = 7, .sequence = 2},
                   ProtoEventEncoder().EncodeBatchFinished({.id = "batch-1"}));
  absl::string_view rest = frames;
  const auto frame = NextEventFrame(rest);
  ASSERT_TRUE(frame.has_value());
  v1::ResultEvent event;
  ASSERT_TRUE(event.ParseFromString(std::string(frame->message)));
  EXPECT_EQ(event.revision(), 7);
  EXPECT_EQ(event.sequence(), 2);
  EXPECT_EQ(event.batch_finished().batch().batch_id(), "batch-1");
}

}  // namespace
}  // namespace enrich
