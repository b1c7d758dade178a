import { createOperationDescriptor, type Environment } from 'relay-runtime';
import { testRecipe } from '../harness/recipe-suite.ts';
import { compile } from '../harness/relay-artifact.ts';

interface Chat {
  readonly environment: Environment;
  stop(): void;
}

testRecipe<Chat>('relay', {
  // As babel-plugin-relay does.
  compiled: (code) =>
    code.replaceAll(/(?<== )graphql`([^`]*)`/g, (_, text: string) => JSON.stringify(compile(text))),
  read: ({ environment }, request) =>
    environment.lookup(createOperationDescriptor(request, {}).fragment).data as any,
});
