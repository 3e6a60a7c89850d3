#include "bench/floor_server.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/status_macros.h"
#include "bench/child.h"
#include "bench/floor_stream.h"
#include "bench/row_writer.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "google/protobuf/arena.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "http/http_server.h"
#include "model/event_frame.h"

namespace enrich::bench {
namespace {

// Events in one shared run of frames.
constexpr int kRunEvents = 100;

using ServiceBase = v1::EnrichmentService::WithRawCallbackMethod_EnrichBatch<
    v1::EnrichmentService::WithRawCallbackMethod_WatchResults<
        v1::EnrichmentService::Service>>;

template <typename Message>
bool ParseBytes(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::ByteBuffer readable(bytes);
  grpc::ProtoBufferReader reader(&readable);
  return message.ParseFromZeroCopyStream(&reader);
}

class FloorService final : public ServiceBase {
 public:
  explicit FloorService(RowWriter& writer, FloorStreams& streams)
      : writer_(writer), streams_(streams) {}

  grpc::ServerUnaryReactor* EnrichBatch(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* bytes,
                                        grpc::ByteBuffer* response) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    google::protobuf::Arena arena;
    auto& request =
        *google::protobuf::Arena::CreateMessage<v1::EnrichBatchRequest>(&arena);
    if (!ParseBytes(*bytes, request)) {
      reactor->Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, ""));
      return reactor;
    }
    v1::EnrichBatchResponse answer;
    answer.mutable_batch()->set_batch_id(request.request_id());
    answer.mutable_batch()->mutable_progress()->set_contacts(
        request.contacts_size());
    const grpc::Slice slice(answer.SerializeAsString());
    *response = grpc::ByteBuffer(&slice, 1);
    if (request.validate_only()) {
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }
    RowWriter::Job job = {
        .done = [reactor] { reactor->Finish(grpc::Status::OK); }};
    for (const v1::Contact& contact : request.contacts()) {
      job.rows.push_back(contact.SerializeAsString());
    }
    writer_.Write(std::move(job));
    return reactor;
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchResults(
      grpc::CallbackServerContext*, const grpc::ByteBuffer* bytes) override {
    v1::WatchResultsRequest request;
    return streams_.Open(ParseBytes(*bytes, request) &&
                         request.has_from_oldest());
  }

 private:
  RowWriter& writer_;
  FloorStreams& streams_;
};

// An event of the size of the gateway's for the same item.
std::string EventFrom(const json::Value& item) {
  const json::Value email = item["contact_info"]["most_probable_work_email"];
  const json::Value profile = item["profile"];
  const json::Value position = profile["employment"]["current"];
  const auto text = [](const json::Value& value) {
    return std::string(value.AsString());
  };
  v1::ResultEvent event;
  event.set_batch_id("01890000-0000-7000-8000-000000000000");
  v1::ContactResult& result = *event.mutable_contact_result();
  result.set_contact_ref(text(item["custom"]["eg"]));
  v1::FieldResult& field = *result.add_fields();
  field.set_field(v1::CONTACT_FIELD_WORK_EMAIL);
  field.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  field.set_provider("p0");
  v1::EmailValue& value = *field.add_emails();
  value.set_address(text(email["email"]));
  value.set_quality(v1::EMAIL_QUALITY_DELIVERABLE);
  v1::Attempt& attempt = *field.add_attempts();
  attempt.set_provider("p0");
  attempt.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  attempt.set_millicredits(1000);
  attempt.set_decision("the answer is good enough");
  v1::Profile& out = *result.mutable_profile();
  out.set_full_name(text(profile["full_name"]));
  out.set_location(text(profile["location"]["city"]));
  out.set_job_title(text(position["title"]));
  out.set_company_name(text(position["company"]["name"]));
  out.set_company_domain(text(position["company"]["domain"]));
  return event.SerializeAsString();
}

class PushHandler {
 public:
  explicit PushHandler(RowWriter& writer) : writer_(writer) {}

  void OnRequest(HttpRequest request, HttpResponder respond) {
    if (request.url == kBarePath) return respond({.status = 200});
    const absl::StatusOr<json::Document> body =
        json::Document::Parse(request.body);
    if (!body.ok()) return respond({.status = 400});
    RowWriter::Job job = {.publish = true,
                          .done = [respond = std::move(respond)]() mutable {
                            respond({.status = 200});
                          }};
    for (const json::Value item : body->root()["data"]) {
      const int64_t revision = ++last_revision_;
      std::string& row = job.rows.emplace_back();
      AppendEventFrame(row, {.revision = revision, .sequence = revision},
                       EventFrom(item));
    }
    writer_.Write(std::move(job));
  }

 private:
  RowWriter& writer_;
  // Only the server's thread calls.
  int64_t last_revision_ = 0;
};

// Joins the rows of a group into runs that every stream shares.
void PublishGroup(absl::Span<const RowWriter::Job> jobs,
                  FloorStreams& streams) {
  auto run = std::make_shared<Frames>();
  const auto publish = [&] {
    if (run->events > 0) streams.Publish(run);
    run = std::make_shared<Frames>();
  };
  for (const RowWriter::Job& job : jobs) {
    if (!job.publish) continue;
    for (const std::string& row : job.rows) {
      run->bytes += row;
      if (++run->events == kRunEvents) publish();
    }
  }
  publish();
}

// Events of one size, packed as the gateway packs a replay.
std::vector<FramesPtr> PackHistory(const FloorHistory& history) {
  constexpr int kMaxEvents = 1000;
  constexpr int64_t kMaxBytes = 256 * 1024;
  v1::ResultEvent event;
  const auto size = static_cast<size_t>(history.event_bytes);
  event.set_batch_id(std::string(size - std::min<size_t>(size, 16), 'x'));
  std::string frame;
  AppendEventFrame(frame, {.revision = 1, .sequence = 1},
                   event.SerializeAsString());
  std::vector<FramesPtr> runs;
  for (int64_t left = history.events; left > 0;) {
    const int64_t count = std::min(
        {left, int64_t{kMaxEvents}, 1 + kMaxBytes / (history.event_bytes + 1)});
    if (runs.empty() || runs.back()->events != count) {
      Frames run = {.events = static_cast<int>(count)};
      for (int64_t i = 0; i < count; ++i) run.bytes += frame;
      runs.push_back(std::make_shared<Frames>(std::move(run)));
    } else {
      runs.push_back(runs.back());
    }
    left -= count;
  }
  return runs;
}

}  // namespace

int ServeFloor(const std::string& folder, const FloorHistory& history) {
  absl::StatusOr<std::unique_ptr<RowTable>> table =
      RowTable::Open(folder + "/floor.db");
  if (!table.ok()) {
    std::cerr << table.status() << "\n";
    return 1;
  }
  FloorStreams streams(PackHistory(history));
  RowWriter writer(*std::move(table),
                   [&](absl::Span<const RowWriter::Job> jobs) {
                     PublishGroup(jobs, streams);
                   });
  PushHandler pushes(writer);
  const auto http = NewHttpServer(
      {}, {.on_request = [&](HttpRequest request, HttpResponder respond) {
        pushes.OnRequest(std::move(request), std::move(respond));
      }});
  FloorService service(writer, streams);
  grpc::ServerBuilder builder;
  ServerPorts ports;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &ports.grpc);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!http.ok() || server == nullptr) return 1;
  ports.http = (*http)->port();
  ServeUntilEnd(ports);
  return 0;
}

}  // namespace enrich::bench
