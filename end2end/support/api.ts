// A program of an organization, with a key.
import type { Organization } from './people';

export class Program {
  private constructor(private readonly organization: Organization, readonly token: string) {}

  static async of(organization: Organization): Promise<Program> {
    const printed = await organization.server.run(['key', 'create', '--organization', organization.slug, '--name', 'the app', '--json']);
    return new Program(organization, JSON.parse(printed).token);
  }

  /** Calls below `/api/v1/organizations/{org}`; what is refused fails the test. */
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await fetch(`${this.organization.server.url}/api/v1/organizations/${this.organization.slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }
}
