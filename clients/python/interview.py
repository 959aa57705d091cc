"""Hold an interview through the generated client, every answer typed: python interview.py [URL].

The client is made from the running service's contract; README.md beside this folder has the line.
"""

import sys
from typing import TypeVar

from interviews_client import AuthenticatedClient, Client
from interviews_client.api.authentication import login
from interviews_client.api.interviews import continue_interview, export_interview, get_interview, start_interview
from interviews_client.models import (
    ContinueInterviewResponse200,
    ContinueRequest,
    Export,
    ExportInterviewResponse200,
    ExportRequest,
    GetInterviewResponse200,
    Language,
    LoginRequest,
    LoginResponse200,
    StartInterviewResponse200,
    StartRequest,
)

ANSWERS = ("I buy steel for the plant.", "I compare three offers, and then I order.")

Answer = TypeVar("Answer")


def served(answer: object, kind: type[Answer]) -> Answer:
    """The answer where it is a success of this kind; a refusal ends the program, and says which."""
    if isinstance(answer, kind):
        return answer
    raise SystemExit(f"refused: {answer}")


def hold_interview(url: str, email: str, password: str) -> Export:
    """Log in, start, answer twice, read, export. url: of the service, without a path."""
    credentials = LoginRequest(email=email, password=password)
    token = served(login.sync(client=Client(base_url=url), body=credentials), LoginResponse200).data.token
    with AuthenticatedClient(base_url=url, token=token) as api:
        started = served(start_interview.sync(client=api, body=StartRequest(Language.EN)), StartInterviewResponse200)
        interview_id, question, number = started.data.interview_id, started.data.question, 1
        for text in ANSWERS:
            print(f"{number}. {question}\n   {text}")
            body = ContinueRequest(interview_id=interview_id, user_response=text, question_number=number)
            asked = served(continue_interview.sync(client=api, body=body), ContinueInterviewResponse200).data
            question, number = asked.question, asked.question_number
        read = served(get_interview.sync(interview_id, client=api), GetInterviewResponse200).data
        exported = export_interview.sync(client=api, body=ExportRequest(interview_id=interview_id))
        print(f"{read.status}: {len(read.messages)} messages")
        return served(exported, ExportInterviewResponse200).data


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    export = hold_interview(address, "user@example.com", "user123")
    print(f"exported for {export.user_name}: {export.total_questions} questions, {export.total_user_responses} answers")
