#include "scale/stream_check.h"

#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace enrich::scale {
namespace {

// Appends what is the same for equal events: maps are in order.
void AppendBytes(const v1::ResultEvent& event, std::string& out) {
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  event.SerializeWithCachedSizes(&coded);
}

}  // namespace

void StreamCheck::Take(const v1::ResultEvent& event) {
  ++events_;
  static_cast<void>(event.ByteSizeLong());
  AppendBytes(event, digest_);
  digest_ = Sha256(digest_);
  Expect(event.revision() > last_revision_, "revisions grow", event);
  last_revision_ = event.revision();
  BatchState& batch = FindBatch(event);
  batch.last_sequence = event.sequence();
  if (event.has_contact_result()) {
    TakeContact(event, batch);
  } else {
    TakeEnd(event, batch);
  }
}

StreamCheck::BatchState& StreamCheck::FindBatch(const v1::ResultEvent& event) {
  const auto [it, added] = states_.try_emplace(event.batch_id());
  BatchState& batch = it->second;
  if (added) batch.whole = event.sequence() == 1;
  if (whole_ || !added) {
    Expect(event.sequence() == batch.last_sequence + 1, "sequences have no gap",
           event);
  }
  return batch;
}

void StreamCheck::TakeContact(const v1::ResultEvent& event, BatchState& batch) {
  if (batch.finished || !batch.whole) {
    if (event.supersedes() == 0) {
      ++contacts_;
      Expect(!batch.finished, "no first answer after the end", event);
    }
    return;
  }
  const auto index =
      static_cast<size_t>(event.contact_result().contact_index());
  if (index >= batch.contacts.size()) batch.contacts.resize(index + 1);
  Expect(batch.contacts[index] == (event.supersedes() != 0),
         "a contact is answered once", event);
  batch.contacts[index] = true;
  if (event.supersedes() != 0) return;
  ++batch.answered;
  ++contacts_;
}

void StreamCheck::TakeEnd(const v1::ResultEvent& event, BatchState& batch) {
  ++batches_;
  Expect(!batch.finished, "a batch ends once", event);
  const v1::BatchProgress& progress = event.batch_finished().batch().progress();
  Expect(progress.contacts() == progress.contacts_done() &&
             (!batch.whole || progress.contacts() == batch.answered),
         "a batch ends when all have their answer", event);
  batch.finished = true;
  batch.contacts = {};
}

void StreamCheck::Expect(bool right, const char* rule,
                         const v1::ResultEvent& event) {
  if (right || !mistake_.empty()) return;
  mistake_ =
      absl::StrCat(rule, ", but not at batch ", event.batch_id(), ", sequence ",
                   event.sequence(), ", revision ", event.revision());
}

}  // namespace enrich::scale
